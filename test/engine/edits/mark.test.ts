import { describe, expect, it } from 'vitest';
import { draftEdit, type Mark, planEdit } from '../../../src/engine/edits/index.js';
import { areasOf } from '../../../src/engine/masks/labelMap.js';

const SIDE = 64;
/** A red square of 20 pixels on green; all of it one item, and a strip at the top another. */
function scene() {
  const data = new Uint8Array(3 * SIDE * SIDE);
  const labels = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < labels.length; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const red = x >= 30 && x < 50 && y >= 30 && y < 50;
    data.set(red ? [200, 30, 30] : [60, 150, 70], 3 * i);
    labels[i] = Number(y < 4);
  }
  const items = ['green background', 'rim'].map((name) => ({
    ...{ name, prompt: { kind: 'text', text: name } as const },
  }));
  const size = { width: SIDE, height: SIDE };
  return { picture: { ...size, data }, labels: { ...size, data: labels }, items };
}

async function marked(what: Mark['what'], name?: string) {
  const before = scene();
  const edit: Mark = { kind: 'mark', what, ...(name ? { name } : {}) };
  const plan = planEdit(before, edit, { edge: 1, margin: 1 });
  return (await draftEdit(before, edit, plan, 1))!;
}

describe('a new item', () => {
  it.each([
    ['a point', { kind: 'point', at: { x: 40, y: 40 } }],
    ['a box', { kind: 'box', box: { left: 25, top: 25, width: 30, height: 30 } }],
  ] as const)('is what %s means, named by its colour, and changes no pixel', async (_, what) => {
    const { picture, labels, items } = await marked(what);
    expect(items.map(({ name }) => name)).toEqual(['green background', 'rim', 'red item']);
    const [, , area] = areasOf(labels);
    expect(area).toBeGreaterThan(380);
    expect(area).toBeLessThan(420);
    expect(picture.data).toEqual(scene().picture.data);
  });

  it('is what a mask shows, by the name it is given', async () => {
    const mask = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE) };
    mask.data.fill(1, SIDE * 10, SIDE * 12);
    const { labels, items } = await marked({ kind: 'mask', mask }, 'hat');
    expect(items.at(-1)).toEqual({ name: 'hat', prompt: { kind: 'text', text: 'hat' } });
    expect(areasOf(labels)[2]).toBe(2 * SIDE);
  });

  it('has the colour of its pixels, however few they are of the picture', async () => {
    const size = { width: 1200, height: 800 };
    const data = new Uint8Array(3 * size.width * size.height);
    const mask = { ...size, data: new Uint8Array(size.width * size.height) };
    for (let i = 0; i < mask.data.length; i++) {
      mask.data[i] = Number(i % size.width < 2 && i < 2 * size.width);
      data.set(mask.data[i] ? [200, 30, 30] : [60, 150, 70], 3 * i);
    }
    const prompt = { kind: 'text', text: '' } as const;
    const before = {
      picture: { ...size, data },
      labels: { ...size, data: new Uint8Array(mask.data.length) },
      items: [{ name: 'green background', prompt }],
    };
    const edit: Mark = { kind: 'mark', what: { kind: 'mask', mask } };
    const after = await draftEdit(before, edit, planEdit(before, edit, { edge: 1, margin: 1 }), 1);
    expect(after!.items.at(-1)!.name).toBe('red item');
  });

  it('is refused in words when it is nothing, or an item as it is', async () => {
    const mask = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE) };
    await expect(async () => await marked({ kind: 'mask', mask })).rejects.toThrow('nothing is marked');
    mask.data.fill(1, 0, 4 * SIDE);
    await expect(async () => await marked({ kind: 'mask', mask })).rejects.toThrow('that is item 2 already');
    // words that find everything
    mask.data.fill(1);
    await expect(async () => await marked({ kind: 'mask', mask })).rejects.toThrow('that is item 1 already');
  });
});
