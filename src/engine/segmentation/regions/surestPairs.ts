/** Pairs of regions, the surest first. */

export interface Pair {
  readonly a: number;
  readonly b: number;
  readonly probability: number;
  /** It is no longer asked for: one of the two has grown. */
  isGone: boolean;
}

interface Entry {
  readonly pair: Pair;
  readonly added: number;
}

/** A binary heap from which what is gone is taken when it comes up. Of pairs as sure as each other the first added comes first. */
export class SurestPairs {
  readonly #heap: Entry[] = [];
  #added = 0;

  add(pair: Pair): void {
    const heap = this.#heap;
    const entry = { pair, added: this.#added++ };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // what is added comes behind its equals
      if (heap[parent]!.pair.probability >= pair.probability) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** The surest that is not gone; it stays. */
  surest(): Pair | undefined {
    while (this.#heap[0]?.pair.isGone) this.#drop();
    return this.#heap[0]?.pair;
  }

  #drop(): void {
    const heap = this.#heap;
    const entry = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && comesBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!comesBefore(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}

const comesBefore = (p: Entry, q: Entry): boolean =>
  p.pair.probability > q.pair.probability || (p.pair.probability === q.pair.probability && p.added < q.added);
