import type { AutoencoderKLConfig } from '../checkpoint/config/autoencoder.js';
import type { Value } from '../graph/graph.js';
import { add, attention, reshape, slice, transpose, upsampleNearest2x } from '../graph/ops/index.js';
import type { Parameters } from './parameters.js';
import { PAD_1, resnetBlock } from './resnet.js';

const EPSILON = 1e-6;

/**
 * The encoder: pixels [N, 3, H, W] in ±1 -> mean and log-variance of the latents, each [N, latent_channels, H/f, W/f].
 * Not multiplied by scaling_factor.
 */
export function encode(
  p: Parameters,
  config: AutoencoderKLConfig,
  pixels: Value,
): { mean: Value; logvar: Value } {
  const channels = config.block_out_channels;
  const resnet = { groups: config.norm_num_groups, epsilon: EPSILON };
  const encoder = p.at('encoder');
  let h = encoder.conv2d('conv_in', pixels, channels[0]!, 3, { pads: PAD_1 });
  for (const [i, width] of channels.entries()) {
    const block = encoder.at(`down_blocks.${i}`);
    for (let j = 0; j < config.layers_per_block; j++)
      h = resnetBlock(block.at(`resnets.${j}`), h, width, resnet);
    // diffusers pads this one on the right and below only
    if (i < channels.length - 1) {
      h = block.conv2d('downsamplers.0.conv', h, width, 3, { stride: 2, pads: [0, 0, 1, 1] });
    }
  }
  h = midBlock(encoder.at('mid_block'), config, h);
  h = encoder.groupNorm('conv_norm_out', h, { groups: config.norm_num_groups, epsilon: EPSILON, silu: true });
  const z = config.latent_channels;
  h = encoder.conv2d('conv_out', h, 2 * z, 3, { pads: PAD_1 });
  if (config.use_quant_conv) h = p.conv2d('quant_conv', h, 2 * z, 1);
  return { mean: slice(h, 1, 0, z), logvar: slice(h, 1, z, 2 * z) };
}

/** The decoder: latents [N, latent_channels, h, w] (divided by scaling_factor) -> pixels [N, 3, f·h, f·w] about ±1. */
export function decode(p: Parameters, config: AutoencoderKLConfig, latents: Value): Value {
  const channels = config.block_out_channels.toReversed();
  const resnet = { groups: config.norm_num_groups, epsilon: EPSILON };
  const decoder = p.at('decoder');
  let h = config.use_post_quant_conv
    ? p.conv2d('post_quant_conv', latents, config.latent_channels, 1)
    : latents;
  h = decoder.conv2d('conv_in', h, channels[0]!, 3, { pads: PAD_1 });
  h = midBlock(decoder.at('mid_block'), config, h);
  for (const [i, width] of channels.entries()) {
    const block = decoder.at(`up_blocks.${i}`);
    for (let j = 0; j <= config.layers_per_block; j++)
      h = resnetBlock(block.at(`resnets.${j}`), h, width, resnet);
    if (i < channels.length - 1) {
      h = block.conv2d('upsamplers.0.conv', upsampleNearest2x(h), width, 3, { pads: PAD_1 });
    }
  }
  h = decoder.groupNorm('conv_norm_out', h, { groups: config.norm_num_groups, epsilon: EPSILON, silu: true });
  return decoder.conv2d('conv_out', h, config.out_channels, 3, { pads: PAD_1 });
}

function midBlock(p: Parameters, config: AutoencoderKLConfig, x: Value): Value {
  const resnet = { groups: config.norm_num_groups, epsilon: EPSILON };
  const width = x.shape[1] as number;
  let h = resnetBlock(p.at('resnets.0'), x, width, resnet);
  if (config.mid_block_add_attention) h = spatialAttention(p.at('attentions.0'), h, config.norm_num_groups);
  return resnetBlock(p.at('resnets.1'), h, width, resnet);
}

/** One head over all pixels. Checkpoints from before diffusers 0.18 call the projections by other names. */
function spatialAttention(p: Parameters, x: Value, groups: number): Value {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const normal = p.groupNorm('group_norm', x, { groups, epsilon: EPSILON });
  const tokens = reshape(transpose(normal, [0, 2, 3, 1]), [n, height * width, c]);
  const project = (name: string, old: string, v: Value): Value =>
    p.linear(p.has(`${name}.weight`) ? name : old, v, c);
  const q = project('to_q', 'query', tokens);
  const k = project('to_k', 'key', tokens);
  const v = project('to_v', 'value', tokens);
  const out = project('to_out.0', 'proj_attn', attention(q, k, v, { heads: 1 }));
  return add(x, transpose(reshape(out, [n, height, width, c]), [0, 3, 1, 2]));
}
