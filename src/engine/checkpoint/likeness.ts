import type { Checkpoint } from './layout.js';
import { readTensor } from './safetensors.js';
import type { ComponentWeights } from './weights.js';

/** Matrices that are looked at in each component, and numbers of each. */
const MATRICES = 16;
const NUMBERS = 4;
/** Half precision keeps 11 bits, bfloat16 8: the same checkpoint in other files differs by that much. */
const PRECISION = 2 ** -7;

/**
 * A few of a checkpoint's own numbers: enough to know it again by, whatever its folder is called and in whatever
 * precision its files are.
 */
export function fingerprint({ unet, textEncoders }: Checkpoint): number[] {
  return [unet.weights, ...textEncoders.map((encoder) => encoder.weights)].flatMap(numbersOf);
}

/** Whether two fingerprints are of one checkpoint. */
export function alike(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  const largest = Math.max(...a.map(Math.abs), Number.MIN_VALUE);
  return a.every(
    (value, i) => Math.abs(value - b[i]!) <= PRECISION * Math.max(Math.abs(value), 0.01 * largest),
  );
}

function numbersOf(weights: ComponentWeights): number[] {
  const matrices = weights
    .names()
    .map((name) => weights.get(name))
    .filter(({ shape }) => shape.length > 1)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const count = Math.min(MATRICES, matrices.length);
  return Array.from(
    { length: count },
    (_, i) => matrices[Math.floor((i * matrices.length) / count)]!,
  ).flatMap((tensor) => {
    const elements = tensor.shape.reduce((n, d) => n * d, 1);
    const taken = Math.min(NUMBERS, elements);
    // the first few alone: a matrix may be hundreds of megabytes
    const few = { ...tensor, shape: [taken], length: (tensor.length / elements) * taken };
    return [...readTensor(few)].map((value) => Number(value.toPrecision(5)));
  });
}
