import type { Footprint } from '../graph/footprint.js';
import type { MemoryNeed } from '../memory.js';
import type { Device } from './device.js';
import { deviceMemory } from './deviceMemory.js';
import { keptBytes, pooledBytes, thriftFor, workingBytes } from './thrift.js';

/** What a session takes of memory, in bytes. */
export interface SessionNeed {
  /** Weights that are mapped from their files: resident once they were read. */
  readonly mapped: number;
  /** What it holds between its runs. */
  readonly kept: number;
  /** What a run holds beside that. */
  readonly working: number;
}

/**
 * How many compiled graphs stay ready: an edit uses up to ten, and the next edit of the picture the same ones; another picture has other
 * frames and more or fewer prompts. Pocket's take about 20 MB each.
 */
const KEPT = 16;
/** A share of the room that is never what memory lacks: who takes no more must not push out a model too large even alone. */
const SMALL = 1 / 100;

/** What all sessions may have together, in bytes. */
export interface Room {
  /** Between runs. */
  readonly kept: number;
  /** Mapped weights and a run included. */
  readonly resident: number;
}

/**
 * On the CPU. Between runs: SD 1.5's denoiser for two shapes, its text encoder and autoencoder. Resident: SDXL's denoiser
 * with two rows of its own size, and nothing else of weight. What is released is mapped again in a second or two, and read
 * from the disk only where the machine had no memory left for it.
 */
const HOST_ROOM: Room = { kept: 3e9, resident: 13e9 };

/** A GPU holds between runs what it holds in one. */
export function roomOf(device: Device): Room {
  if (device === 'cpu') return HOST_ROOM;
  const all = deviceMemory();
  return { kept: all, resident: all };
}

/** On a GPU: weights are copied to it, and its allocator gives nothing back before the session ends. */
export const needOnGpu = (found: Footprint): SessionNeed => ({
  mapped: 0,
  kept: found.weights + pooledBytes(found),
  working: 0,
});

export function needOf(found: Footprint, thrift = thriftFor(found)): SessionNeed {
  return {
    mapped: found.weights,
    kept: keptBytes(found, thrift),
    working: thrift.arena ? 0 : workingBytes(found, thrift),
  };
}

/**
 * How many of the other sessions must go for one to run.
 * @param others the least recently used first: these go first
 * @param fixed sessions that are there beside them, and cannot go
 */
export function crowding(
  others: readonly SessionNeed[],
  one: SessionNeed,
  room = HOST_ROOM,
  fixed: readonly SessionNeed[] = [],
): number {
  const fits = (staying: readonly SessionNeed[]): boolean => {
    const all = [...fixed, ...staying, one];
    const [mapped, kept] = [sumOf(all, 'mapped'), sumOf(all, 'kept')];
    const held = kept <= room.kept && mapped + kept + one.working <= room.resident;
    return staying.length < KEPT && (held || one.mapped + one.kept + one.working <= SMALL * room.kept);
  };
  let staying = others;
  while (staying.length > 0 && !fits(staying)) staying = staying.slice(1);
  return others.length - staying.length;
}

/**
 * What sessions that run one after another need at most, each released when another's turn crowds it out. Most is held
 * in one run and resident in another: `mapped` is what the latter has beside the former's `held`.
 */
export function needTogether(runs: readonly SessionNeed[]): MemoryNeed {
  let ready: readonly SessionNeed[] = [];
  let [held, resident] = [0, 0];
  for (const one of runs) {
    ready = [...ready.slice(crowding(ready, one)), one];
    const holds = sumOf(ready, 'kept') + one.working;
    held = Math.max(held, holds);
    resident = Math.max(resident, sumOf(ready, 'mapped') + holds);
  }
  return { mapped: resident - held, held };
}

const sumOf = (needs: readonly SessionNeed[], what: keyof SessionNeed): number =>
  needs.reduce((sum, need) => sum + need[what], 0);
