import { describe, expect, it } from 'vitest';
import { distanceTo, heirsOf, nearestLabel, nearestSeed } from '../../../src/engine/masks/distance.js';
import { boundsOf } from '../../../src/engine/masks/mask.js';
import { connectedPieces, dilate, erode, outerEdgeBand } from '../../../src/engine/masks/morphology.js';
import { labelsOf, randomLabels, randomMask, randomNumbers, rowsOf } from './random.js';

describe('distances', () => {
  it('agree with all pairs on random masks of odd sizes', () => {
    const next = randomNumbers(1);
    for (let round = 0; round < 40; round++) {
      const width = 1 + Math.floor(next() * 17);
      const height = 1 + Math.floor(next() * 17);
      const seeds = randomMask(next, width, height, 0.02 + next() * 0.3);
      const distance = distanceTo(seeds);
      const nearest = nearestSeed(seeds);
      for (let i = 0; i < width * height; i++) {
        let best = Number.POSITIVE_INFINITY;
        for (let j = 0; j < width * height; j++) {
          if (!seeds.data[j]) continue;
          best = Math.min(
            best,
            Math.hypot((i % width) - (j % width), Math.floor(i / width) - Math.floor(j / width)),
          );
        }
        expect(distance[i]).toBeCloseTo(best, 4);
        if (best < Number.POSITIVE_INFINITY) expect(seeds.data[nearest[i]!]).toBe(1);
        else expect(nearest[i]).toBe(-1);
      }
    }
  });

  it('are the same up to a reach, and above it beyond', () => {
    const next = randomNumbers(9);
    for (let round = 0; round < 20; round++) {
      const seeds = randomMask(next, 31, 23, 0.01);
      const [all, near] = [distanceTo(seeds), distanceTo(seeds, 5)];
      near.forEach((d, i) => (all[i]! <= 5 ? expect(d).toBe(all[i]) : expect(d).toBeGreaterThan(5)));
    }
  });

  it('carry the nearest label', () => {
    const labels = labelsOf('1000000002');
    const known = { width: 10, height: 1, data: Uint8Array.from('1000000001', Number) };
    expect(rowsOf(nearestLabel(labels, known))).toEqual(['1111122222']);
  });

  it('near what is wanted are those of the whole picture, however far away they lie', () => {
    const next = randomNumbers(4);
    const [width, height] = [150, 110];
    for (let round = 0; round < 60; round++) {
      const labels = randomLabels(next, width, height, 200);
      const known = randomMask(next, width, height, [0.0003, 0.001, 0.03][round % 3]!);
      const [left, top] = [Math.floor(next() * 140), Math.floor(next() * 100)];
      const isWanted = (i: number) =>
        i % width >= left && i % width < left + 9 && Math.floor(i / width) >= top;
      const wanted = { ...known, data: known.data.map((_, i) => Number(isWanted(i))) };
      // even labels stay, odd ones leave with a tenth of the pixels
      const hole = randomMask(next, width, height, 0.1);
      const stays = Uint8Array.from({ length: 256 }, (_, label) => 1 - (label % 2));
      const seeds = { ...known, data: known.data.map((value, i) => value & (1 - hole.data[i]!)) };
      const shown = { ...labels, data: labels.data.map((label, i) => 2 * (label >> 1) + 1 - seeds.data[i]!) };
      const nearest = nearestSeed(seeds);
      const heirs = heirsOf(shown, hole, stays, wanted);
      expect(heirs === undefined).toBe(!seeds.data.includes(1));
      if (!heirs) continue;
      for (let i = 0; i < width * height; i++) {
        if (!wanted.data[i]) continue;
        const [x, y] = [(i % width) - heirs.box.left, Math.floor(i / width) - heirs.box.top];
        expect(heirs.labels[y * heirs.box.width + x]).toBe(shown.data[nearest[i]!]);
      }
    }
  });

  it('a mask, or what is not in it, has the box that its pixels have', () => {
    const next = randomNumbers(6);
    for (let round = 0; round < 40; round++) {
      const [width, height] = [1 + Math.floor(next() * 9), 1 + Math.floor(next() * 9)];
      const mask = randomMask(next, width, height, next() * next());
      for (const of of [0, 1] as const) {
        const at = [...mask.data.keys()].filter((i) => mask.data[i] === of);
        const [xs, ys] = [at.map((i) => i % width), at.map((i) => Math.floor(i / width))];
        const [left, top] = [Math.min(...xs), Math.min(...ys)];
        const box = { left, top, width: Math.max(...xs) - left + 1, height: Math.max(...ys) - top + 1 };
        expect(boundsOf(mask, of)).toEqual(at.length > 0 ? box : undefined);
      }
    }
  });

  it('take about linear time: four megapixels well within all-pairs reach', () => {
    const next = randomNumbers(2);
    const started = process.cpuUsage();
    distanceTo(randomMask(next, 2048, 2048, 1e-5));
    // processor time: a busy machine makes nothing of it
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });
});

describe('discs', () => {
  it('a point dilates to the discrete disc', () => {
    const point = {
      width: 5,
      height: 5,
      data: Uint8Array.from({ length: 25 }, (_, i) => (i === 12 ? 1 : 0)),
    };
    expect(rowsOf(dilate(point, 1))).toEqual(['00000', '00100', '01110', '00100', '00000']);
    expect(rowsOf(dilate(point, 2))).toEqual(['00100', '01110', '11111', '01110', '00100']);
    expect(rowsOf(outerEdgeBand(point, 1))).toEqual(['00000', '00100', '01010', '00100', '00000']);
  });

  it('closing only adds, opening only takes away, dilation and erosion are dual', () => {
    const next = randomNumbers(3);
    for (let round = 0; round < 20; round++) {
      const mask = randomMask(next, 23, 19, next());
      const radius = 0.5 + next() * 4;
      const closed = erode(dilate(mask, radius), radius);
      const opened = dilate(erode(mask, radius), radius);
      mask.data.forEach((value, i) => {
        expect(closed.data[i]).toBeGreaterThanOrEqual(value);
        expect(opened.data[i]).toBeLessThanOrEqual(value);
      });
    }
  });

  it("erosion leaves the picture's rim alone and empty or full masks stay so", () => {
    const full = { width: 4, height: 3, data: new Uint8Array(12).fill(1) };
    const empty = { width: 4, height: 3, data: new Uint8Array(12) };
    expect(erode(full, 2)).toEqual(full);
    expect(dilate(empty, 2)).toEqual(empty);
  });

  it('pieces touch by corners', () => {
    const { pieces, areas } = connectedPieces(labelsOf('1001', '0100', '0001'));
    expect(areas).toEqual([0, 2, 1, 1]);
    expect(pieces[0]).toBe(pieces[5]);
  });
});

it('nearest labels keep what is known', () => {
  const next = randomNumbers(4);
  const labels = randomLabels(next, 31, 17, 5);
  const known = randomMask(next, 31, 17, 0.4);
  const filled = nearestLabel(labels, known);
  known.data.forEach((value, i) => {
    if (value) expect(filled.data[i]).toBe(labels.data[i]);
  });
});
