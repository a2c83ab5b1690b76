import { describe, expect, it } from 'vitest';
import { sceneOf, shown } from '../../src/engine/process/scenes.js';

const scene = (value: number) => ({
  picture: { width: 40, height: 30, data: new Uint8Array(40 * 30 * 3).fill(value) },
  labels: { width: 40, height: 30, data: new Uint8Array(40 * 30) },
  items: [{ name: 'wall', prompt: { kind: 'learned', item: 0 } as const }],
});

describe('a scene that was written', () => {
  it('is gone on with as it is in memory, also from a copy of its file', async () => {
    const one = scene(70);
    const stored = await shown(one);
    const again = await sceneOf({ ...stored, picture: new Uint8Array(stored.picture) });
    expect(again.picture).toBe(one.picture);
  });

  it('is read from its file when another one was written after it', async () => {
    const [first, second] = [scene(70), scene(71)];
    const [stored] = [await shown(first), await shown(second)];
    const again = await sceneOf(stored);
    expect(again.picture).not.toBe(first.picture);
    expect(again.picture).toEqual(first.picture);
  });
});
