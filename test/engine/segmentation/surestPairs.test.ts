import { describe, expect, it } from 'vitest';
import { type Pair, SurestPairs } from '../../../src/engine/segmentation/regions/surestPairs.js';

const pair = (a: number, probability: number): Pair => ({ a, b: a + 1, probability, isGone: false });

describe('pairs of regions', () => {
  it('come up by falling probability, of equals the first that was added', () => {
    const queue = new SurestPairs();
    const all = Array.from({ length: 200 }, (_, k) => pair(k, ((k * 37) % 11) / 10));
    for (const one of all) queue.add(one);
    const came: Pair[] = [];
    for (let one = queue.surest(); one; one = queue.surest()) {
      came.push(one);
      one.isGone = true;
    }
    // sorting is stable
    expect(came).toEqual(all.toSorted((p, q) => q.probability - p.probability));
  });

  it('leave out what is gone, and take what is added later', () => {
    const queue = new SurestPairs();
    const [first, second] = [pair(0, 0.9), pair(1, 0.8)];
    queue.add(second);
    queue.add(first);
    first.isGone = true;
    expect(queue.surest()).toBe(second);
    const later = pair(2, 0.85);
    queue.add(later);
    expect(queue.surest()).toBe(later);
    later.isGone = second.isGone = true;
    expect(queue.surest()).toBeUndefined();
  });
});
