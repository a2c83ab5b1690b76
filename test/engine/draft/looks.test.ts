import { describe, expect, it } from 'vitest';
import { applyLook } from '../../../src/engine/draft/looks.js';
import { lookOf } from '../../../src/engine/draft/lookWords.js';
import { writeLab } from '../../../src/engine/segmentation/lab.js';
import type { Mask, Raster } from '../../../src/engine/raster.js';
import { maskWhere, paint } from './scenes.js';

const [width, height] = [64, 48];
/** A shaded, textured orange thing. */
const picture = paint(width, height, (x, y) => {
  const light = 0.35 + 0.6 * (x / width) + 0.04 * Math.sin(x * 2 + y * 3);
  return [220, 110, 50].map((v) => Math.round(Math.min(255, v * light))) as never;
});
const opaque = ({ data }: Mask): Uint8Array => data.map((inside) => inside * 255);
const item = maskWhere(width, height, (x) => x > 8 && x < 56);

describe('named colours', () => {
  for (const words of [
    'blue',
    'dark green',
    'golden',
    'pale pink',
    'red',
    'yellow',
    'navy',
    'brown',
    'teal',
    '#1e90ff',
    '#f0a',
  ]) {
    it(`${words}: the hue that was named, the shading that was there`, () => {
      const look = lookOf(words)!;
      if (look.kind !== 'colour') throw new Error('not a colour');
      const out = applyLook(picture, opaque(item), look);
      const wanted = Math.atan2(look.colour.b, look.colour.a);
      const [, a, b] = meanLab(out, item);
      const off = Math.abs(Math.atan2(b!, a!) - wanted);
      expect((Math.min(off, 2 * Math.PI - off) * 180) / Math.PI).toBeLessThan(15);
      expect(spearman(lights(picture, item), lights(out, item))).toBeGreaterThan(0.98);
    });
  }

  it('leaves grey what is grey in a colourful thing: pupils and glints', () => {
    const [pupil, glint] = [
      maskWhere(width, height, (x, y) => (x - 30) ** 2 + (y - 24) ** 2 < 40),
      maskWhere(width, height, (x, y) => (x - 44) ** 2 + (y - 20) ** 2 < 9),
    ];
    const eye = paint(width, height, (x, y) => {
      const i = y * width + x;
      const plain = pupil.data[i] ? [24, 22, 20] : glint.data[i] ? [230, 232, 228] : undefined;
      return (plain ?? picture.data.slice(3 * i, 3 * i + 3)) as never;
    });
    const out = applyLook(eye, opaque(item), lookOf('blue')!);
    const chroma = (where: Mask): number => Math.hypot(...(meanLab(out, where).slice(1) as [number, number]));
    expect(chroma(pupil)).toBeLessThan(0.4 * chroma(item));
    expect(chroma(glint)).toBeLessThan(0.5 * chroma(item));
  });

  it('keeps the order of light where there is little of it, as in a plain wall', () => {
    const wall = paint(
      width,
      height,
      (x, y) => [206 + ((x * 7 + y * 3) % 6), 205 + ((x * 5 + y) % 6), 203 + ((x + y * 2) % 6)] as never,
    );
    for (const words of ['dark green', 'teal', 'navy', 'brown']) {
      const out = applyLook(wall, opaque(item), lookOf(words)!);
      expect(spearman(lights(wall, item), lights(out, item)), words).toBeGreaterThan(0.98);
    }
  });

  it('black, white and grey lose their colour and keep their shading', () => {
    const light = [...['black', 'gray', 'white']].map((words) => {
      const out = applyLook(picture, opaque(item), lookOf(words)!);
      const [L, a, b] = meanLab(out, item);
      expect(Math.hypot(a!, b!)).toBeLessThan(4);
      expect(spearman(lights(picture, item), lights(out, item))).toBeGreaterThan(0.98);
      return L!;
    });
    expect(light[0]).toBeLessThan(30);
    expect(light[2]).toBeGreaterThan(75);
  });

  it('changes nothing of what it is given, as sharp decodes it', () => {
    const decoded = { ...picture, data: Buffer.from(picture.data) };
    for (const words of ['blue', 'blurred']) applyLook(decoded, opaque(item), lookOf(words)!);
    expect(Buffer.compare(decoded.data, picture.data)).toBe(0);
  });

  it('leaves the rest of the picture as it is', () => {
    const out = applyLook(picture, opaque(item), lookOf('blue')!);
    for (let i = 0; i < item.data.length; i++) {
      if (!item.data[i]) expect(out.data[i * 3]).toBe(picture.data[i * 3]);
    }
  });
});

describe('other looks', () => {
  it('do what they say', () => {
    const [L, a, b] = meanLab(picture, item);
    const after = (words: string): number[] =>
      meanLab(applyLook(picture, opaque(item), lookOf(words)!), item);
    expect(after('lighter')[0]).toBeGreaterThan(L! + 5);
    expect(after('darker')[0]).toBeLessThan(L! - 5);
    expect(after('a little darker')[0]).toBeGreaterThan(after('much darker')[0]!);
    expect(after('warmer')[2]).toBeGreaterThan(b! + 2);
    expect(after('cooler')[2]).toBeLessThan(b! - 5);
    const spread = (words: string): number => {
      const seen = lights(applyLook(picture, opaque(item), lookOf(words)!), item).toSorted((p, q) => p - q);
      return seen.at(Math.floor(0.9 * seen.length))! - seen.at(Math.floor(0.1 * seen.length))!;
    };
    expect(spread('a lot more contrast')).toBeGreaterThan(spread('a bit more contrast') + 3);
    expect(spread('less contrast')).toBeLessThan(spread('a bit more contrast') - 3);
    expect(Math.abs(after('more contrast')[0]! - L!)).toBeLessThan(4);
    const grey = after('black and white');
    expect(Math.hypot(grey[1]!, grey[2]!)).toBeLessThan(1);
    expect(Math.hypot(...after('more saturated').slice(1))).toBeGreaterThan(Math.hypot(a!, b!));
  });

  it('blurs without its neighbours bleeding in', () => {
    const halves = paint(width, height, (x) => (x < 32 ? [255, 0, 0] : [0, 0, 255]));
    const right = maskWhere(width, height, (x) => x >= 32);
    expect([...applyLook(halves, opaque(right), lookOf('blurred')!).data]).toEqual([...halves.data]);
  });

  it('are not found in words that need a checkpoint', () => {
    for (const words of ['wooden', 'a cat', 'dark', 'made of glass', 'red brick', '', 'older']) {
      expect(lookOf(words), words).toBeUndefined();
    }
    for (const words of [
      'sky blue',
      'dark golden',
      'greenish',
      'light grey',
      '30% darker',
      'B&W',
      'sharper',
    ]) {
      expect(lookOf(words), words).toBeDefined();
    }
  });
});

function lights(picture: Raster, mask: Mask): number[] {
  const lab = new Float32Array(3);
  const out: number[] = [];
  for (let i = 0; i < mask.data.length; i++) {
    if (!mask.data[i]) continue;
    writeLab(picture.data[i * 3]!, picture.data[i * 3 + 1]!, picture.data[i * 3 + 2]!, lab, 0);
    out.push(lab[0]!);
  }
  return out;
}

function meanLab(picture: Raster, mask: Mask): number[] {
  const lab = new Float32Array(3);
  const sum = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < mask.data.length; i++) {
    if (!mask.data[i]) continue;
    writeLab(picture.data[i * 3]!, picture.data[i * 3 + 1]!, picture.data[i * 3 + 2]!, lab, 0);
    for (let c = 0; c < 3; c++) sum[c]! += lab[c]!;
    count++;
  }
  return sum.map((v) => v / count);
}

/** Rank correlation, ties by their mean rank. */
function spearman(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [ranks(a), ranks(b)];
  const mean = (p.length - 1) / 2;
  let [pq, pp, qq] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    pq += (p[i]! - mean) * (q[i]! - mean);
    pp += (p[i]! - mean) ** 2;
    qq += (q[i]! - mean) ** 2;
  }
  return pq / Math.sqrt(pp * qq);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const out = new Array<number>(values.length);
  for (let k = 0; k < order.length;) {
    let end = k;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[k]!]) end++;
    for (let m = k; m <= end; m++) out[order[m]!] = (k + end) / 2;
    k = end + 1;
  }
  return out;
}
