import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachRun } from '../../../src/engine/masks/runs.js';

const told = (data: Uint8Array): number[][] => {
  const runs: number[][] = [];
  eachRun(data, (value, from, to) => runs.push([value, from, to]));
  return runs;
};

it('runs are those of the bytes one by one, wherever the bytes begin', () => {
  const runs = fc.array(fc.tuple(fc.constantFrom(0, 1, 7, 255), fc.integer({ min: 1, max: 21 })));
  fc.assert(
    fc.property(runs, fc.integer({ min: 0, max: 7 }), (wanted, offset) => {
      const bytes = wanted.flatMap(([value, count]) => Array<number>(count).fill(value));
      const data = new Uint8Array(new ArrayBuffer(offset + bytes.length + 3), offset, bytes.length);
      data.set(bytes);
      const found = told(data);
      expect(found.flatMap(([value, from, to]) => Array<number>(to! - from!).fill(value!))).toEqual(bytes);
      for (const [k, [value, from]] of found.entries()) {
        expect(from).toBe(k === 0 ? 0 : found[k - 1]![2]);
        if (k > 0) expect(value).not.toBe(found[k - 1]![0]);
      }
    }),
  );
});
