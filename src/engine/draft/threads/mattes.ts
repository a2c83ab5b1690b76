/** Mattes that other threads make while this one does what does not need them yet. */
import type { Mask, Raster } from '../../raster.js';
import type { Cutout } from '../cutout.js';
import { cutAlong, cutoutFrom } from '../cut.js';
import { SharedMemory } from './memory.js';
import { beside } from './pool.js';

/** That no thread writes to. */
const spare: SharedMemory[] = [];

/**
 * @param threads on so many cores at most; the cutouts are the same on any number
 * @returns what `matte` makes of each mask, in order, and what the work gave
 * @throws UserError when a mask is empty
 */
export function mattesBeside<T>(
  picture: Raster,
  masks: readonly Mask[],
  work: () => T,
  threads?: number,
): { cutouts: Cutout[]; result: T } {
  if (masks.length === 0) return { cutouts: [], result: work() };
  const hard = masks.map((mask) => cutAlong(picture, mask));
  const memory = spare.pop() ?? new SharedMemory();
  memory.reuse();
  const cuts = hard.map((cut) => memory.shared(cut));
  const softened = beside({ kind: 'soften', task: cuts }, cuts.length, threads);
  let result: T;
  try {
    result = work();
  } finally {
    softened();
    // kept also where the work failed: nobody would ever give it back
    spare.push(memory);
  }
  const cutouts = cuts.map((cut) =>
    cutoutFrom({ ...cut, colours: new Uint8Array(cut.colours), alpha: new Uint8Array(cut.alpha) }),
  );
  return { cutouts, result };
}
