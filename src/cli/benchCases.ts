import {
  BENCH_CASES,
  type BenchCase,
  type BenchShape,
  HALVES_CASES,
  type HalvesCase,
  PARITY_CASES,
  type ParityCase,
} from '../engine/bench.js';
import type { Device } from '../engine/editor.js';

/** Which cases a shape is measured by, and what they are called in the table. */

export const BENCH_SHAPES = ['pocket', 'tiny', 'tiny-xl', 'sd15', 'sd-turbo', 'sdxl'] as const;
export type Shape = BenchShape | 'pocket';

export interface Case {
  readonly name: BenchCase;
  readonly batch: number;
  readonly recompute?: boolean;
  readonly tiles?: boolean;
  /** Of sampling. */
  readonly steps?: number;
  readonly taesd?: boolean;
}

const STAGES = ['tokens', 'cross-attention', 'lora'] as const;

/** At full size an edit of twenty guided steps takes the CPU too long to be timed: one of them shows what memory it takes. */
export function casesOf(shape: Shape, device: Device): Case[] {
  if (device !== 'cpu') return gpuCases();
  if (shape === 'pocket')
    return BENCH_CASES.filter((name) => name !== 'decode' && name !== 'few steps').map((name) => ({
      name,
      batch: name === 'guided step' || name === 'edit' ? 1 : 2,
    }));
  return [
    ...[1, 2].map((batch) => ({ name: 'forward' as const, batch })),
    { name: 'guided step', batch: 1 },
    ...STAGES.flatMap((name) => [1, 2].map((batch) => ({ name, batch }))),
    ...STAGES.flatMap((name) => [1, 2].map((batch) => ({ name, batch, recompute: true }))),
    { name: 'decode', batch: 1 },
    { name: 'decode', batch: 1, tiles: true },
    { name: 'edit', batch: 1, steps: 1 },
    { name: 'edit', batch: 1, steps: 1, taesd: true },
    ...(shape === 'sd15' ? [{ name: 'few steps', batch: 1 } as const] : []),
  ];
}

/** Five rows are what D-Edit's own script for SD learns from at once. */
const gpuCases = (): Case[] => [
  ...[1, 2].map((batch) => ({ name: 'forward' as const, batch })),
  { name: 'guided step', batch: 1 },
  ...STAGES.flatMap((name) => [1, 5].map((batch) => ({ name, batch }))),
  { name: 'lora', batch: 5, recompute: true },
  { name: 'decode', batch: 1 },
  { name: 'edit', batch: 1 },
  { name: 'few steps', batch: 1 },
];

export function titleOf({ name, recompute, tiles, steps, taesd }: Case): string {
  if (recompute) return `${name}, recomputed`;
  if (tiles) return `${name} in tiles`;
  if (taesd) return `${name} with TAESD, ${steps} step`;
  return steps ? `${name}, ${steps} step` : name;
}

export const flagsOf = ({ recompute, tiles, steps, taesd }: Case): string[] => [
  ...(taesd ? ['--taesd'] : []),
  ...(recompute ? ['--recompute'] : []),
  ...(tiles ? ['--tiles'] : []),
  ...(steps ? ['--steps', String(steps)] : []),
];

export const parityName = (name: ParityCase): string => `parity ${name}`;
export const halvesName = (name: HalvesCase): string => `halves ${name}`;

/** The names that `--only` takes. Halves are compared with float32 where a device may compute in them. */
export const namesOf = (shape: Shape, device: Device): string[] => [
  ...new Set(casesOf(shape, device).map(titleOf)),
  ...PARITY_CASES.map(parityName),
  ...HALVES_CASES.map(halvesName),
];
