import type { Value } from '../graph/graph.js';
import { add, reshape, silu } from '../graph/ops/index.js';
import type { Parameters } from './parameters.js';

export const PAD_1 = [1, 1, 1, 1] as const;

/** Sizes and constants shared by the residual blocks of one model. */
export interface ResnetConfig {
  readonly groups: number;
  readonly epsilon: number;
}

/**
 * diffusers' ResnetBlock2D (time_embedding_norm 'default'): x [N, C, H, W], temb [N, D] or none -> [N, width, H, W].
 */
export function resnetBlock(
  p: Parameters,
  x: Value,
  width: number,
  config: ResnetConfig,
  temb?: Value,
): Value {
  const active = (name: string, v: Value): Value => p.groupNorm(name, v, { ...config, silu: true });
  let h = p.conv2d('conv1', active('norm1', x), width, 3, { pads: PAD_1 });
  if (temb) {
    const shift = p.linear('time_emb_proj', silu(temb), width);
    h = add(h, reshape(shift, [shift.shape[0]!, width, 1, 1]));
  }
  h = p.conv2d('conv2', active('norm2', h), width, 3, { pads: PAD_1 });
  return add(x.shape[1] === width ? x : p.conv2d('conv_shortcut', x, width, 1), h);
}
