/** One size of the picture around a hole with all that is worked out on it; all threads share its arrays. */
import { patchSums } from './compare.js';
import type { Level, Places } from './level.js';
import type { SharedMemory } from './threads/memory.js';

/** So many targets are a strip: few enough for several threads, and for one a strip's ends are rare. */
const STRIP = 2_048;

/** A pixel one step deeper in the hole is this much less to be trusted (Wexler 2007, section 3.1, γ = 1.3). */
const DEEPER = 1.3;

/** Where every target's match lies, and the sum of squared differences to it; other places are -1. */
export interface Field {
  readonly match: Int32Array;
  readonly cost: Float32Array;
}

/** What a level's votes are counted with. */
export interface Ballot {
  /** How much each place is trusted: 1 at what is known, falling into the hole. */
  readonly trust: Float32Array;
  /** Of each target's patch; other places are 0. */
  readonly weight: Float32Array;
  /** 1 where a target's match goes on those left of it and above. */
  readonly agrees: Uint8Array;
  /** How many of the targets around a place have `agrees`. */
  readonly agreeing: Uint8Array;
}

export interface Stage {
  readonly level: Level;
  readonly places: Places;
  /** What offsets cost by themselves (`offsetCosts.ts`); empty where nothing was told of them. */
  readonly offsetCosts: Float32Array;
  readonly field: Field;
  /** The matches from before a search. */
  readonly before: Int32Array;
  /** The colours' sums over patches (`patchSums`). */
  readonly sums: Int32Array;
  readonly ballot: Ballot;
  /** So many strips, each of as many targets, or pixels of the hole, in reading order. */
  readonly strips: number;
  /** How many pixels of each strip have changed. */
  readonly changed: Int32Array;
}

/** A level that matches are sought on. */
export interface Searched {
  readonly level: Level;
  readonly places: Places;
  /** As of a stage. */
  readonly offsetCosts: Float32Array;
  /** How deep each place lies in the hole, in pixels; 0 outside (`distanceTo`). */
  readonly depth: Float32Array;
  readonly deepest: number;
}

export function stageOf(searched: Omit<Searched, 'deepest'>, memory: SharedMemory): Stage {
  const { level, places, offsetCosts, depth } = searched;
  const size = level.width * level.height;
  const strips = Math.max(1, Math.round(places.targets.length / STRIP));
  const trust = memory.take(Float32Array, size);
  for (let i = 0; i < size; i++) trust[i] = depth[i] === 0 ? 1 : DEEPER ** -Math.min(depth[i]!, 60);
  return {
    level: memory.shared(level),
    places: memory.shared(places),
    ...memory.shared({ offsetCosts }),
    field: {
      match: memory.take(Int32Array, size).fill(-1),
      cost: memory.take(Float32Array, size).fill(Number.POSITIVE_INFINITY),
    },
    before: memory.take(Int32Array, size),
    sums: memory.shared({ sums: patchSums(level) }).sums,
    ballot: {
      trust,
      weight: memory.take(Float32Array, size).fill(0),
      agrees: memory.take(Uint8Array, size).fill(0),
      agreeing: memory.take(Uint8Array, size).fill(0),
    },
    strips,
    changed: memory.take(Int32Array, strips),
  };
}

/** The strip of so many things: from … to − 1. */
export const ends = (count: number, strips: number, strip: number): [from: number, to: number] => [
  Math.floor((count * strip) / strips),
  Math.floor((count * (strip + 1)) / strips),
];
