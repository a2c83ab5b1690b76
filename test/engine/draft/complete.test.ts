import { describe, expect, it } from 'vitest';
import { complete } from '../../../src/engine/draft/complete.js';
import { sourcesOf } from '../../../src/engine/draft/sources.js';
import { invert } from '../../../src/engine/masks/mask.js';
import { difference, disc, maskWhere, paint, texture } from './scenes.js';

const [width, height] = [160, 120];
/** Planks: stripes with dark joints, and a horizon above them. */
const truth = paint(width, height, (x, y) =>
  y < 40 ? [120, 160, 210] : x % 16 < 2 ? [60, 40, 30] : [170 + (y % 5) * 4, 120, 70],
);
const hole = maskWhere(width, height, disc(80, 50, 22));
const holed = { ...truth, data: Uint8Array.from(truth.data) };
hole.data.forEach((value, i) => value && holed.data.set([255, 0, 255], i * 3));

describe('completion', () => {
  const filled = complete(holed, hole, invert(hole), { seed: 3 });

  it('goes on with lines and with the horizon', () => {
    expect(difference(filled, truth, hole)).toBeLessThan(6);
  });

  it('leaves every pixel outside the hole as it is', () => {
    expect(difference(filled, holed, invert(hole))).toBe(0);
  });

  it('changes nothing of what it is given, as sharp decodes it', () => {
    const decoded = { ...holed, data: Buffer.from(holed.data) }; // a Buffer's slice is no copy
    complete(decoded, hole, invert(hole));
    expect(Buffer.compare(decoded.data, holed.data)).toBe(0);
  });

  it('gives the same picture for the same seed', () => {
    expect(Buffer.compare(complete(holed, hole, invert(hole), { seed: 3 }).data, filled.data)).toBe(0);
  });

  it('copies from the sources alone', () => {
    const marked = paint(width, height, (x, y) => (x < 60 ? [200, 30, 30] : [90 + (y % 7) * 6, 90, 90]));
    const ground = maskWhere(width, height, (x, y) => x >= 60 && !disc(70, 60, 9)(x, y));
    const place = maskWhere(width, height, disc(70, 60, 9));
    const out = complete(marked, place, ground);
    for (let i = 0; i < place.data.length; i++) {
      if (place.data[i]) expect(out.data[i * 3]! - out.data[i * 3 + 1]!).toBeLessThan(60);
    }
  });

  it('lets no colour of what it must not copy run into the hole', () => {
    const badge = disc(90, 60, 16);
    const suit = (x: number, y: number) => [220, 100 + ((x * 5 + y * 3) % 11), 50] as const;
    const picture = paint(width, height, (x, y) => (badge(x, y) ? [60, 40, 150] : suit(x, y)));
    const place = maskWhere(width, height, disc(70, 60, 16));
    const ground = maskWhere(width, height, (x, y) => !badge(x, y) && !disc(70, 60, 16)(x, y));
    expect(difference(complete(picture, place, ground), paint(width, height, suit), place)).toBeLessThan(8);
  });

  it('gives plain ground its tone, whatever stands beside the hole', () => {
    const evening = (x: number, y: number) => {
      const light = 40 + x / 2 + (((x * 7919 + y * 104729) >> 3) % 5);
      return [light, light, light + 40] as const;
    };
    const mast = (x: number, y: number) => x > 108 && x < 116 && y % 9 < 6;
    const night = paint(width, height, (x, y) => (mast(x, y) ? [230, 220, 200] : evening(x, y)));
    const place = maskWhere(width, height, disc(76, 60, 28));
    const out = complete(night, place, invert(place));
    expect(difference(out, paint(width, height, evening), place)).toBeLessThan(6);
  });

  it('is as rough as its ground, which is rougher here and smoother there', () => {
    const noise = (x: number, y: number) =>
      (Math.imul(Math.imul(x + 311 * y, 0x9e3779b1) ^ 0x5bd1e995, 0x85ebca6b) >>> 9) % 256;
    const ground = paint(320, 240, (x, y) => {
      const contrast = 0.4 + 0.3 * Math.sin(x / 25) * Math.cos(y / 27.5);
      const light = 128 + contrast * (noise(x, y) - 128);
      return [light, light, light];
    });
    const place = maskWhere(320, 240, disc(160, 120, 55));
    const seeds = [1, 2, 3];
    const kept = seeds.map((seed) => texture(complete(ground, place, invert(place), { seed }), place));
    const share = kept.reduce((sum, one) => sum + one, 0) / seeds.length / texture(ground, place);
    expect(share).toBeGreaterThan(0.9);
  });

  it('copies from beside rather than from above or below where both fit', () => {
    // the same grain everywhere; the lower half is told by blue that goes up and down by 4
    const grain = (x: number, y: number) =>
      120 + ((Math.imul(x * 7919 + y * 104729, 2654435761) >>> 16) % 24);
    const low = (x: number, y: number) => (y < 60 ? 100 : 96 + 8 * ((x + y) % 2));
    const ground = paint(width, height, (x, y) => [grain(x, y), grain(x, y), low(x, y)]);
    const place = maskWhere(width, height, disc(80, 26, 14));
    const { data } = complete(ground, place, invert(place));
    const blue = data.filter((_, i) => i % 3 === 2 && place.data[(i - 2) / 3] === 1);
    expect(blue.filter((value) => Math.abs(value - 100) < 3).length).toBeGreaterThan(0.9 * blue.length);
  });

  it('fills the last column and row of a picture too, though sizes are odd and halved', () => {
    const [across, down] = [1001, 801]; // more than is searched at full size
    const plain = paint(across, down, (x, y) => [150 + ((x * 7 + y * 13) % 5), 120, 90]);
    const rim = maskWhere(across, down, (x, y) => x === across - 1 || y === down - 1);
    expect(difference(complete(plain, rim, invert(rim)), plain, rim)).toBeLessThan(3);
    // a hole elsewhere does not help that column
    const column = maskWhere(across, down, (x, y) => x === across - 1 && y > 400);
    const both = maskWhere(
      across,
      down,
      (x, y) => column.data[y * across + x] === 1 || disc(30, 30, 4)(x, y),
    );
    expect(difference(complete(plain, both, invert(both)), plain, column)).toBeLessThan(3);
  });

  it('returns the picture when there is no hole, and says so when there is nothing to copy', () => {
    const none = { width, height, data: new Uint8Array(width * height) };
    expect(complete(truth, none, invert(none))).toBe(truth);
    expect(() => complete(truth, hole, none)).toThrow(/too little left/);
  });
});

describe('the sources of a hole', () => {
  const labels = {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) =>
      i % width < 50 ? 0 : i % width < 110 ? 1 : 2,
    ),
  };

  it('are the items nearest to it, without the hole and without the item that left', () => {
    const place = maskWhere(width, height, disc(60, 60, 5));
    const sources = sourcesOf(labels, place, [1]);
    expect(sources.data[10]).toBe(1);
    expect(sources.data[80]).toBe(0); // the item that left
    expect(sources.data[140]).toBe(0); // inherits nothing of this hole
  });

  it('are found for a long thin hole too, of which a sample sees nothing', () => {
    const long = { width: 700, height: 8, data: new Uint8Array(5600).fill(1, 4200) };
    const line = maskWhere(700, 8, (_, y) => y === 5);
    const sources = sourcesOf(long, line, [1]);
    expect([sources.data[0], sources.data[5 * 700], sources.data[7 * 700]]).toEqual([1, 0, 0]);
  });

  it('cannot be nothing', () => {
    expect(() => sourcesOf({ ...labels, data: labels.data.map(() => 0) }, hole, [0])).toThrow(/nothing/);
  });
});
