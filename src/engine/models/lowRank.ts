import type { Value } from '../graph/graph.js';

/** A low-rank update of one linear layer (Hu et al. 2021): W + scale·B·A, A [rank, in], B [out, rank]. */
export interface LowRank {
  readonly a: Value;
  readonly b: Value;
  /** alpha / rank */
  readonly scale: number;
}

/** PEFT's names of the two matrices, after the layer's. */
export const LORA_A = 'lora_A.weight';
export const LORA_B = 'lora_B.weight';

/** Low-rank updates by layer, out of values by name; others are left aside. */
export function lowRanks(values: ReadonlyMap<string, Value>, scale: number): Map<string, LowRank> {
  const out = new Map<string, LowRank>();
  for (const [name, a] of values) {
    if (!name.endsWith(LORA_A)) continue;
    const layer = name.slice(0, -LORA_A.length - 1);
    out.set(layer, { a, b: values.get(`${layer}.${LORA_B}`)!, scale });
  }
  return out;
}
