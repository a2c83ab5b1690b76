import type { Footprint } from '../graph/footprint.js';

/** How a session pays for speed with memory. */
export interface Thrift {
  /**
   * Convolutions' weights in blocks of channels: a copy of all of them, made in up to half a minute. An autoencoder is a
   * third faster, a UNet no faster (two cores with AVX-512).
   */
  readonly blocked: boolean;
  /** A copy of every product's weights in the order it reads them: a tenth faster with SD 1.5's denoiser, for 1.1 GB. */
  readonly repacked: boolean;
  /** Buffers kept for the next run: a twentieth faster, for twice and more of what the graph needs at once. */
  readonly arena: boolean;
}

/** Memory before speed: weights stay where their files are mapped, for all sessions together. */
export const FRUGAL: Thrift = { blocked: false, repacked: false, arena: false };
export const LAVISH: Thrift = { blocked: true, repacked: true, arena: true };

/** Bytes: autoencoders are smaller, denoisers of real checkpoints larger. */
const BLOCKED = 1e9;
/** SD's denoisers have less of what is repacked, SDXL's (8 GB) more. */
const REPACKED = 2e9;
/** SD 1.5's denoiser, 0.1 GB a row, would keep 1.2 GB in an arena. */
const ARENA = 100e6;

/** What is worth its memory for a graph on the CPU. */
export const thriftFor = ({ weights, repacked, activations }: Footprint): Thrift => ({
  blocked: weights < BLOCKED,
  repacked: repacked < REPACKED,
  arena: activations < ARENA,
});

/**
 * What is worth its memory for a graph of learning. Blocks of channels are made of weights alone and copied back for gradients, so
 * never those. Pocket's steps take a tenth less time by the rest, for 80 MB; of a real checkpoint's shapes memory is what there
 * is least of.
 */
export const learningThrift = ({ activations }: Footprint): Thrift =>
  activations < ARENA ? { ...LAVISH, blocked: false } : FRUGAL;

/** Bytes that a session holds between its runs, beside what is mapped. */
export function keptBytes(found: Footprint, { blocked, repacked, arena } = thriftFor(found)): number {
  return (blocked ? found.weights : repacked ? found.repacked : 0) + (arena ? found.activations : 0);
}

/**
 * How much more than what its graph has alive at once a run holds without an arena: kernels' own buffers, and what malloc
 * keeps. Measured at SD 1.5's shapes: a learning step 1.1–1.6, the denoiser 1.3; autoencoders, whose weights and values lie in
 * blocks of channels beside values that do not, 2.3–2.55.
 */
const SPREAD = 1.6;
const SPREAD_BLOCKED = 2.7;

/** Bytes that a GPU's allocator takes for a run, and keeps for the next one. */
export const pooledBytes = ({ activations }: Footprint): number => SPREAD * activations;

/** Bytes that a run takes where no arena has them. */
export const workingBytes = (found: Footprint, { blocked } = thriftFor(found)): number =>
  (blocked ? SPREAD_BLOCKED : SPREAD) * found.activations;
