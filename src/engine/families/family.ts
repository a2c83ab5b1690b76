import type { Graph, Value } from '../graph/graph.js';
import type { Precision } from '../halves.js';
import type { Overrides } from '../models/parameters.js';
import type { Tensor } from '../runtime/session.js';

/** Prompts as a denoiser listens to them: tensors by name, each with a row a prompt; `hidden` is always there. */
export type Encoded = Readonly<Record<string, Tensor>> & { readonly hidden: Tensor };

/** The same in a graph. */
export type Condition = Readonly<Record<string, Value>> & { readonly hidden: Value };

/** Of latents, in cells. */
export interface LatentSize {
  readonly height: number;
  readonly width: number;
}

/** What a learning method changes of a denoiser: whole weights, or a low-rank update beside them. */
export const METHODS = ['cross-attention', 'lora'] as const;
export type Method = (typeof METHODS)[number];

/**
 * Of which layers of the transformer blocks a LoRA is: attention's, as in D-Edit's code, or the feed-forward ones too, as
 * kohya's scripts have it.
 */
export const LORA_LAYERS = ['attention', 'transformer'] as const;
export type LoraLayers = (typeof LORA_LAYERS)[number];

/** One call of a denoiser while a graph is built. */
export interface DenoiserInputs {
  /** Latents [N, channels, height, width]. */
  readonly sample: Value;
  /** [N] */
  readonly timestep: Value;
  readonly condition: Condition;
  /** For denoisers that embed guidance: its scale, [N]; without it none is meant. */
  readonly guidance?: Value | undefined;
  /** For denoisers that fill holes: what is to be drawn (1, else 0) and the latents of the picture without it, [N, 1 + channels, height, width]. */
  readonly hole?: Value | undefined;
  /** Additive bias of grouped cross-attention at a latent size (see groupBias). */
  readonly bias: (height: number, width: number) => Value;
}

/** What predicts the noise: a UNet, or whatever else a family has. */
export interface Denoiser {
  readonly component: string;
  /** What it computes in. */
  readonly precision: Precision;
  /** Of the latents. */
  readonly channels: number;
  /** Whether guidance is a condition (LCM's distilled UNets) and needs no second branch. */
  readonly embedsGuidance: boolean;
  /** Whether it was trained to fill holes and wants to know them (inpainting checkpoints). */
  readonly fillsHoles: boolean;
  /** Cells a side of the square it was trained on. */
  readonly nativeCells: number;
  /** Both sides of the latents must divide by this. */
  readonly multiple: number;
  /** The latent sizes at which pixels listen to tokens, and so need their groups. */
  attentionGrid(size: LatentSize): readonly LatentSize[];
  /** Parameters that a method learns: the weights themselves, or those of the layers that get an update (attention's unless told). */
  trainable(method: Method, layers?: LoraLayers): readonly string[];
  /** A parameter's values, and its shape alone. */
  read(parameter: string): Tensor;
  shapeOf(parameter: string): readonly number[];
  /** Adds it to the graph: [N, channels, height, width], what it was trained to predict. */
  predict(graph: Graph, inputs: DenoiserInputs, overrides: Overrides): Value;
}

export interface Moments {
  readonly mean: number;
  /** Standard deviation. */
  readonly std: number;
}

/** How prompts become what a denoiser listens to. */
export interface TextModel {
  /** Hidden sizes of the text encoders, by name: what rows of new tokens must have. */
  readonly widths: ReadonlyMap<string, number>;
  /** What the numbers of an encoder's token embeddings are like: new tokens are drawn from the same normal distribution. */
  tokenMoments(encoder: string): Moments;
  /** Adds the text encoders over `count` prompts of `length` tokens, with new tokens' rows by encoder. */
  encode(graph: Graph, count: number, length: number, newTokens?: ReadonlyMap<string, Value>): Condition;
  /** The integer inputs that `encode` makes, from token ids by encoder. */
  feeds(ids: ReadonlyMap<string, readonly (readonly number[])[]>): Record<string, Tensor>;
  /** Joins prompts encoded in a graph into one condition that each of `batch` rows listens to. */
  joined(encoded: Condition, batch: number): Condition;
  /** The joined condition as graph inputs, for `batch` rows of `tokens` tokens. */
  inputs(graph: Graph, batch: number, tokens: number): Condition;
  /**
   * Values of these inputs, a row each: all its prompts together, or no condition at all (zeros). Rows of fewer prompts
   * are filled up with zeros, which their groups hide.
   */
  joinedFeeds(rows: readonly (Encoded | undefined)[]): Record<string, Tensor>;
}

/** A kind of checkpoint: the one place that knows its configs, conditions and names. */
export interface Family {
  readonly name: string;
  /** What is learned of the denoiser unless somebody asks otherwise. */
  readonly method: Method;
  readonly text: TextModel;
  readonly denoiser: Denoiser;
}
