import { gaussians } from '../diffusion/random.js';
import type { Family, LoraLayers, Method } from '../families/family.js';
import type { Learned } from '../families/learned.js';
import { LORA_A, LORA_B } from '../models/lowRank.js';
import type { Tensor } from '../runtime/session.js';
import type { Tensors } from './adamw.js';

/** What is learned: the new tokens (D-Edit's first step), then cross-attention or LoRA (its second). */
export type Stage = 'tokens' | Method;

export interface TrainableShape {
  readonly stage: Stage;
  /** New tokens of all items together. */
  readonly newTokens: number;
  /** LoRA's rank (Hu et al. 2021), and the layers that it is of. */
  readonly rank: number;
  readonly layers: LoraLayers;
}

/** A parameter that a stage learns, and what it starts from. */
export interface Trainable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start:
    | { readonly kind: 'new-tokens'; readonly encoder: string }
    | { readonly kind: 'checkpoint' }
    | { readonly kind: 'lora-a' }
    | { readonly kind: 'lora-b' };
}

/** Everything the stage learns, in a fixed order. */
export function trainables({ text, denoiser }: Family, shape: TrainableShape): Trainable[] {
  const { stage, newTokens, rank, layers } = shape;
  if (stage === 'tokens') {
    return [...text.widths].map(([encoder, width]) => ({
      name: encoder,
      shape: [newTokens, width],
      start: { kind: 'new-tokens', encoder },
    }));
  }
  return denoiser.trainable(stage, layers).flatMap((name): Trainable[] => {
    const whole = denoiser.shapeOf(name);
    if (stage === 'cross-attention') return [{ name, shape: whole, start: { kind: 'checkpoint' } }];
    const layer = name.replace(/\.weight$/, '');
    const [out, into] = whole as [number, number];
    return [
      { name: `${layer}.${LORA_A}`, shape: [rank, into], start: { kind: 'lora-a' } },
      { name: `${layer}.${LORA_B}`, shape: [out, rank], start: { kind: 'lora-b' } },
    ];
  });
}

const copyOf = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.slice() });

/** A value that was learned before, where it is of this stage's shape: another rank begins anew. */
const sameSize = (before: Tensor | undefined, size: readonly number[]): Tensor | undefined =>
  before && before.shape.join() === size.join() ? copyOf(before) : undefined;

/**
 * The values that a stage starts from, by name: where an association goes on, from what was learned before. Their arrays
 * are nobody else's.
 */
export function startValues(
  family: Family,
  shape: TrainableShape & { readonly seed: number },
  learned: Learned,
): Tensors {
  const values = trainables(family, shape).map(({ name, shape: size, start }, k): [string, Tensor] => {
    const count = size.reduce((a, b) => a * b, 1);
    switch (start.kind) {
      case 'new-tokens':
        return [name, copyOf(learned.newTokens.get(start.encoder)!)];
      case 'checkpoint':
        return [name, sameSize(learned.weights.get(name), size) ?? family.denoiser.read(name)];
      // PEFT's start: A Gaussian with deviation 1/rank, B zero, so that the update starts at nothing
      case 'lora-a':
        return [
          name,
          sameSize(learned.weights.get(name), size) ?? {
            shape: size,
            data: gaussians(count, shape.seed, 3, k).map((g) => g / shape.rank),
          },
        ];
      case 'lora-b':
        return [
          name,
          sameSize(learned.weights.get(name), size) ?? { shape: size, data: new Float32Array(count) },
        ];
    }
  });
  return new Map(values);
}
