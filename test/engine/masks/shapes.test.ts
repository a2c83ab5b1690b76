import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/engine/errors.js';
import {
  growItem,
  mergeItems,
  moveItem,
  removeItem,
  reshapeItem,
  resizeItem,
  shrinkItem,
  splitItem,
  swapItems,
} from '../../../src/engine/masks/shapes.js';
import { areasOf, renumber, repartition } from '../../../src/engine/masks/labelMap.js';
import {
  areaOf,
  boundsOf,
  centroidOf,
  emptyMask,
  intersect,
  maskOf,
  subtract,
  union,
} from '../../../src/engine/masks/mask.js';
import { labelsOf, randomLabels, randomMask, randomNumbers, rowsOf } from './random.js';

const scene = labelsOf('000000', '011000', '011020', '000020');

describe('masks', () => {
  it('measures', () => {
    const one = maskOf(scene, 1);
    expect(areaOf(one)).toBe(4);
    expect(boundsOf(one)).toEqual({ left: 1, top: 1, width: 2, height: 2 });
    expect(centroidOf(one)).toEqual({ x: 1.5, y: 1.5 });
    expect(boundsOf(emptyMask(3, 3))).toBeUndefined();
    expect(centroidOf(emptyMask(3, 3))).toBeUndefined();
  });

  it('areas of a union and an intersection add up', () => {
    const next = randomNumbers(5);
    const a = randomMask(next, 20, 11, 0.5);
    const b = randomMask(next, 20, 11, 0.3);
    expect(areaOf(union(a, b)) + areaOf(intersect(a, b))).toBe(areaOf(a) + areaOf(b));
    expect(areaOf(subtract(a, b))).toBe(areaOf(a) - areaOf(intersect(a, b)));
  });

  it('refuses masks of another size', () => {
    expect(() => union(emptyMask(3, 3), emptyMask(3, 4))).toThrow(/3x4.*3x3.*send a mask/);
  });
});

describe('edits', () => {
  it('remove: pixels go to the nearest other item', () => {
    expect(rowsOf(removeItem(labelsOf('000112'), 1))).toEqual(['000022']);
    expect(areasOf(removeItem(scene, 1))).toEqual([22, 0, 2]);
  });

  it('move: lies over the others, uncovers the nearest other item, is cut by the rim', () => {
    expect(rowsOf(moveItem(scene, 1, 2, 0))).toEqual(['000000', '000110', '000110', '000020']);
    expect(rowsOf(moveItem(scene, 1, -2, 0))).toEqual(['000000', '100000', '100020', '000020']);
    expect(() => moveItem(scene, 1, -3, 0)).toThrow('item 2 would leave the picture: move it by less');
    expect(() => moveItem(scene, 1, 0, 400)).toThrow(UserError);
    expect(() => moveItem(scene, 1, 3, 1)).toThrow('item 2 would hide item 3 completely');
  });

  it('a move there and back over ground restores the item', () => {
    const lonely = labelsOf('0000000', '0000000', '0000110', '0000100', '0000000');
    expect(moveItem(moveItem(lonely, 1, -3, -1), 1, 3, 1)).toEqual(lonely);
  });

  it('resize: area follows the square of the scale', () => {
    const disc = labelsOf(
      ...Array.from({ length: 61 }, (_, y) =>
        Array.from({ length: 71 }, (_, x) => (Math.hypot(x - 35, y - 30) < 12 ? 1 : 0)).join(''),
      ),
    );
    const before = areasOf(disc)[1]!;
    for (const scale of [0.5, 1, 1.5, 2]) {
      const ratio = areasOf(resizeItem(disc, 1, scale))[1]! / before;
      expect(Math.abs(ratio / scale ** 2 - 1)).toBeLessThan(0.06);
    }
    expect(resizeItem(disc, 1, 1)).toEqual(disc);
    expect(() => resizeItem(disc, 1, 0)).toThrow(/more than 0%/);
    expect(() => resizeItem(labelsOf('110', '001'), 1, 0.001)).not.toThrow(TypeError);
    expect(() => resizeItem(disc, 1, 20)).toThrow('item 2 would hide item 1 completely');
  });

  it('swap: two items change places and keep their shapes', () => {
    const swapped = swapItems(labelsOf('0000000', '0100020', '0000020', '0000000'), 1, 2);
    expect(areasOf(swapped)).toEqual([25, 1, 2]);
    expect(centroidOf(maskOf(swapped, 1))!.x).toBe(5);
    expect(centroidOf(maskOf(swapped, 2))!.x).toBe(1);
    expect(() => swapItems(scene, 1, 1)).toThrow(/with itself/);
  });

  it('reshape, grow, shrink', () => {
    const shape = emptyMask(6, 4);
    shape.data[0] = 1;
    expect(rowsOf(reshapeItem(scene, 1, shape))[0]).toBe('100000');
    expect(() => reshapeItem(scene, 1, emptyMask(6, 4))).toThrow(/is empty/);
    expect(() => reshapeItem(scene, 1, emptyMask(5, 4))).toThrow(/5x4/);
    expect(rowsOf(growItem(scene, 1, 1))).toEqual(['011000', '111100', '111120', '011020']);
    expect(() => shrinkItem(scene, 1, 3)).toThrow('item 2 would vanish: shrink it by less than 3 px');
    expect(() => growItem(scene, 1, 50)).toThrow(/would hide item 1 completely/);
    expect(() => growItem(scene, 1, -1)).toThrow(/more than 0/);
  });

  it('merge and split', () => {
    expect(areasOf(mergeItems(scene, [2, 1]))).toEqual([18, 6]);
    expect(() => mergeItems(scene, [1, 1])).toThrow(/two different items/);
    const pieces = labelsOf('1110002', '1110000', '0000110', '1000110');
    expect(rowsOf(splitItem(pieces, 1, 2))).toEqual(['1110002', '1110000', '0000330', '1000330']);
    expect(() => splitItem(scene, 1)).toThrow(/is in one piece/);
  });

  it('unknown items are named from 1 with the ones there are', () => {
    expect(() => removeItem(scene, 6)).toThrow('there is no item 7: choose one of 1, 2, 3');
    expect(() => removeItem(labelsOf('00'), 0)).toThrow('item 1 is the whole picture');
    expect(() => moveItem(labelsOf('00'), 0, 1, 0)).toThrow('item 1 is the whole picture');
  });

  it('every edit leaves a full map and no item without pixels', () => {
    const next = randomNumbers(6);
    for (let round = 0; round < 60; round++) {
      const labels = randomLabels(next, 13, 9, 4);
      const item = Math.floor(next() * 4);
      const amount = Math.ceil(next() * 3);
      for (const edit of [
        () => moveItem(labels, item, amount, -amount),
        () => resizeItem(labels, item, next() * 2),
        () => swapItems(labels, item, (item + 1) % 4),
        () => growItem(labels, item, amount),
        () => shrinkItem(labels, item, 0.5),
      ]) {
        try {
          const areas = areasOf(edit());
          expect(areas).toHaveLength(4);
          expect(Math.min(...areas)).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect((error as Error).message).not.toContain('\n');
        }
      }
    }
  });
});

describe('label maps', () => {
  it('renumber drops empty labels and keeps the order', () => {
    const { labels, map } = renumber(labelsOf('0505', '3300'));
    expect(rowsOf(labels)).toEqual(['0202', '1100']);
    expect([...map]).toEqual([
      [0, 0],
      [3, 1],
      [5, 2],
    ]);
  });

  it('repartition touches orphans only', () => {
    const orphans = { width: 5, height: 1, data: Uint8Array.from('01110', Number) };
    expect(rowsOf(repartition(labelsOf('01222'), orphans))[0]).toMatch(/^00[02]22$/);
    expect(() => repartition(labelsOf('00'), 0)).toThrow(/keep at least one other item/);
  });
});
