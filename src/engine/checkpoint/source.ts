import type { Precision } from '../halves.js';
import type { CLIPTextConfig } from './config/clip.js';

/** Where a component's weights lie: slices of files that ONNX Runtime maps by itself. */
export interface WeightSource {
  /** Names the component in a graph that joins several: both text encoders of SDXL call their tensors alike. */
  readonly component: string;
  /** What its tensors are, and what a graph is to compute in with them. */
  readonly precision: Precision;
  has(name: string): boolean;
  /** @throws HostError when the tensor is unknown or has another shape. */
  get(name: string, shape?: readonly number[]): WeightSlice;
}

export interface WeightSlice {
  readonly shape: readonly number[];
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** SD has one text encoder, SDXL two. */
export interface TextEncoderPart {
  readonly name: 'text_encoder' | 'text_encoder_2';
  readonly config: CLIPTextConfig;
  readonly weights: WeightSource;
}
