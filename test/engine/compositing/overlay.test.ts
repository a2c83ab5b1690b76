import { describe, expect, it } from 'vitest';
import { placeBadges } from '../../../src/engine/compositing/badges.js';
import { drawOverlay } from '../../../src/engine/compositing/overlay.js';
import { fitText, outlineText, textWidth } from '../../../src/engine/compositing/text.js';
import type { LabelMap, Raster } from '../../../src/engine/raster.js';
import { randomNumbers } from '../masks/random.js';

function flat(width: number, height: number, value: number): Raster {
  return { width, height, data: new Uint8Array(width * height * 3).fill(value) };
}

/** Items that are random rectangles on a ground, some of them tiny. */
function randomItems(next: () => number, width: number, height: number, count: number): LabelMap {
  const data = new Uint8Array(width * height);
  for (let item = 1; item < count; item++) {
    const w = 2 + Math.floor(next() * next() * width * 0.6);
    const h = 2 + Math.floor(next() * next() * height * 0.6);
    const left = Math.floor(next() * (width - w));
    const top = Math.floor(next() * (height - h));
    for (let y = top; y < top + h; y++) data.fill(item, y * width + left, y * width + left + w);
  }
  return { width, height, data };
}

describe('badges', () => {
  it('never overlap, lie inside the picture, and one comes for every item with pixels', () => {
    const next = randomNumbers(21);
    for (let round = 0; round < 40; round++) {
      const width = 300 + Math.floor(next() * 500);
      const height = 300 + Math.floor(next() * 500);
      const labels = randomItems(next, width, height, 8);
      const badges = placeBadges(labels, 8, 16);
      expect(badges.map(({ item }) => item)).toEqual([...new Set(labels.data)].sort((a, b) => a - b));
      badges.forEach(({ centre }, k) => {
        expect(centre.x).toBeGreaterThanOrEqual(14);
        expect(centre.x).toBeLessThanOrEqual(width - 14);
        expect(centre.y).toBeGreaterThanOrEqual(14);
        expect(centre.y).toBeLessThanOrEqual(height - 14);
        for (const other of badges.slice(k + 1)) {
          expect(Math.hypot(centre.x - other.centre.x, centre.y - other.centre.y)).toBeGreaterThan(32);
        }
      });
    }
  });

  it('a large item carries its badge, a tiny one has it beside with a line to it', () => {
    const labels = { width: 200, height: 200, data: new Uint8Array(40000) };
    for (let y = 20; y < 100; y++) labels.data.fill(1, y * 200 + 20, y * 200 + 100);
    for (let y = 150; y < 154; y++) labels.data.fill(2, y * 200 + 150, y * 200 + 154);
    const [, large, tiny] = placeBadges(labels, 3, 12);
    expect(large!.leadsTo).toBeUndefined();
    expect(Math.hypot(large!.centre.x - 60, large!.centre.y - 60)).toBeLessThan(4);
    expect(Math.hypot(tiny!.leadsTo!.x - 152, tiny!.leadsTo!.y - 152)).toBeLessThan(3);
    expect(Math.hypot(tiny!.centre.x - 152, tiny!.centre.y - 152)).toBeGreaterThan(12);
  });
});

describe('text', () => {
  it('is outlines, whatever the characters', () => {
    for (const text of [
      'a red hat',
      '<svg onload="x">&',
      '柴犬 🐶',
      'e\u0301 مرحبا',
      '\ud800',
      '\u0000\u202e\ufe0f',
      '',
    ]) {
      const { path, width } = outlineText(text, 3, 20, 16);
      expect(path).toMatch(/^[MLQCZ0-9 .\-,]*$/);
      expect(width).toBeGreaterThanOrEqual(0);
      expect(width).toBeCloseTo(textWidth(text, 16), 6);
    }
    expect(outlineText('柴', 0, 0, 16).path).not.toBe('');
  });

  it('is cut to the width with an ellipsis', () => {
    expect(fitText('short', 16, 300)).toBe('short');
    const cut = fitText('a very long name of an item that nobody needs', 16, 100);
    expect(cut.endsWith('…')).toBe(true);
    expect(textWidth(cut, 16)).toBeLessThanOrEqual(100);
    expect(fitText('two\nlines', 16, 300)).toBe('two lines');
  });
});

describe('overlay', () => {
  it.each([
    [16, 16],
    [128, 128],
    [40, 900],
    [1700, 80],
    [2400, 1800],
  ])('of a %dx%d picture is readable', async (width, height) => {
    const next = randomNumbers(22);
    const labels = randomItems(next, width, height, 5);
    const items = Array.from({ length: 5 }, (_, i) => ({
      name: `item with the name ${'long '.repeat(i * 5)}`,
    }));
    const overlay = await drawOverlay(flat(width, height, 60), labels, items);
    expect(Math.max(overlay.width, overlay.height)).toBeGreaterThanOrEqual(512);
    expect(overlay.width).toBeLessThanOrEqual(1600);
    expect(overlay.data.length).toBe(overlay.width * overlay.height * 3);
  });

  it('the outline shows on black and on white', async () => {
    const labels = { width: 600, height: 600, data: new Uint8Array(360000) };
    for (let y = 0; y < 600; y++) labels.data.fill(1, y * 600 + 300, y * 600 + 600);
    for (const ground of [0, 255]) {
      const { data, width } = await drawOverlay(flat(600, 600, ground), labels, [
        { name: 'a' },
        { name: 'b' },
      ]);
      const row = Array.from({ length: 40 }, (_, x) => data[(100 * width + 280 + x) * 3]!);
      expect(Math.max(...row)).toBeGreaterThan(240);
      expect(Math.min(...row)).toBeLessThan(120);
    }
  });

  it('refuses a label map of another size and survives items without pixels', async () => {
    const labels = { width: 64, height: 64, data: new Uint8Array(4096) };
    await expect(drawOverlay(flat(60, 64, 0), labels, [{ name: 'a' }])).rejects.toThrow(/64x64/);
    await expect(
      drawOverlay(flat(64, 64, 0), labels, [{ name: 'a' }, { name: '🦄' }]),
    ).resolves.toBeDefined();
  });
});
