import { describe, expect, it } from 'vitest';
import { planEdit } from '../../../src/engine/edits/index.js';
import { boundsOf, maskOf } from '../../../src/engine/masks/mask.js';

const SIDE = 64;

/** A ground and one item that fills the box. */
function around(left: number, top: number, width: number, height: number) {
  const data = new Uint8Array(SIDE * SIDE);
  for (let y = top; y < top + height; y++) data.fill(1, y * SIDE + left, y * SIDE + left + width);
  const items = ['ground', 'ice cream'].map((name, item) => ({
    name,
    prompt: { kind: 'learned', item } as const,
  }));
  return { labels: { width: SIDE, height: SIDE, data }, items };
}

const roomFor = (...box: [number, number, number, number]) => {
  const plan = planEdit(
    around(...box),
    { kind: 'replace', item: 1, prompt: 'a cat' },
    { edge: 2, margin: 1 },
  );
  return boundsOf(maskOf(plan.labels, 1))!;
};

describe('the room of what replaces an item', () => {
  it('is no slimmer than most things are, whether the item stands or lies', () => {
    const standing = roomFor(28, 12, 8, 40);
    expect(standing.width / standing.height).toBeGreaterThan(0.65);
    expect(standing.height).toBeLessThan(48);
    const lying = roomFor(12, 28, 40, 8);
    expect(lying.height / lying.width).toBeGreaterThan(0.65);
  });

  it('stays about the box of a thing that is as wide as high', () => {
    const { width, height } = roomFor(20, 20, 24, 24);
    expect(width).toBeLessThanOrEqual(28);
    expect(height).toBeLessThanOrEqual(28);
  });
});
