import type { Tensor } from '../runtime/session.js';

/** What association has learned of a picture's items: a small addition to a checkpoint, never a copy of it. */
export interface Learned {
  /** Items that have new tokens, in the order of their labels. */
  readonly items: number;
  /** M, the new tokens of each item. */
  readonly tokensPerItem: number;
  /** Rows of the new tokens by text encoder, [items·M, hidden_size]. */
  readonly newTokens: ReadonlyMap<string, Tensor>;
  /** Cross-attention weights, or LoRA's A and B, by the denoiser's parameter name. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** alpha / rank of LoRA. */
  readonly loraScale: number;
}
