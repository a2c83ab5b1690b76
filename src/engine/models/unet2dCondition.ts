import type { UNet2DConditionConfig } from '../checkpoint/config/unet.js';
import type { Value } from '../graph/graph.js';
import { add, concat, mul, reshape, sub, upsampleNearest2x } from '../graph/ops/index.js';
import { timestepEmbedding, timestepSinusoid } from './embeddings.js';
import type { Parameters } from './parameters.js';
import { PAD_1, resnetBlock } from './resnet.js';
import { type CrossAttentionContext, spatialTransformer } from './transformer.js';

export interface UNetInputs extends CrossAttentionContext {
  /** Latents [N, in_channels, H, W]; H and W divisible by 2^(blocks − 1). */
  readonly sample: Value;
  /** [N] */
  readonly timestep: Value;
  /** SDXL only: pooled text embedding [N, D] and the six sizes of section 2.2 of arXiv 2307.01952, [N, 6]. */
  readonly added?: { readonly textEmbeds: Value; readonly timeIds: Value };
  /** Guidance scale [N], for UNets distilled with it (time_cond_proj_dim). */
  readonly guidance?: Value | undefined;
}

/** UNet2DConditionModel as its config.json says: latents in, prediction [N, out_channels, H, W] out. */
export function unet2dCondition(p: Parameters, config: UNet2DConditionConfig, inputs: UNetInputs): Value {
  const channels = config.block_out_channels;
  const last = channels.length - 1;
  const heads = perBlock(config.num_attention_heads ?? config.attention_head_dim, channels.length);
  const layers = perBlock(config.transformer_layers_per_block, channels.length);
  const resnets = perBlock(config.layers_per_block, channels.length);
  const resnet = { groups: config.norm_num_groups, epsilon: config.norm_eps };
  // sines of times up to 1000 turn on more digits than halves have
  const temb = p.graph.within('full', () => conditioning(p, config, inputs));

  const transformer = (at: Parameters, x: Value, block: number): Value =>
    spatialTransformer(at, x, inputs, {
      heads: heads[block]!,
      layers: layers[block]!,
      groups: config.norm_num_groups,
      linearProjection: config.use_linear_projection,
      upcast: config.upcast_attention,
    });
  const residual = (at: Parameters, x: Value, width: number): Value =>
    p.graph.segment(() => resnetBlock(at, x, width, resnet, temb));

  let h = p.conv2d('conv_in', inputs.sample, channels[0]!, 3, { pads: PAD_1 });
  const skips = [h];
  for (const [i, type] of config.down_block_types.entries()) {
    const block = p.at(`down_blocks.${i}`);
    for (let j = 0; j < resnets[i]!; j++) {
      h = residual(block.at(`resnets.${j}`), h, channels[i]!);
      if (type === 'CrossAttnDownBlock2D') h = transformer(block.at(`attentions.${j}`), h, i);
      skips.push(h);
    }
    if (i < last) {
      h = block.conv2d('downsamplers.0.conv', h, channels[i]!, 3, { stride: 2, pads: PAD_1 });
      skips.push(h);
    }
  }

  const mid = p.at('mid_block');
  h = residual(mid.at('resnets.0'), h, channels[last]!);
  h = transformer(mid.at('attentions.0'), h, last);
  h = residual(mid.at('resnets.1'), h, channels[last]!);

  for (const [i, type] of config.up_block_types.entries()) {
    const block = p.at(`up_blocks.${i}`);
    const level = last - i;
    for (let j = 0; j <= resnets[level]!; j++) {
      h = residual(block.at(`resnets.${j}`), concat([h, skips.pop()!], 1), channels[level]!);
      if (type === 'CrossAttnUpBlock2D') h = transformer(block.at(`attentions.${j}`), h, level);
    }
    if (i < last) {
      h = block.conv2d('upsamplers.0.conv', upsampleNearest2x(h), channels[level]!, 3, { pads: PAD_1 });
    }
  }

  h = p.groupNorm('conv_norm_out', h, { ...resnet, silu: true });
  return p.conv2d('conv_out', h, config.out_channels, 3, { pads: PAD_1 });
}

/** The time embedding, with guidance's (LCM) and SDXL's text_time embedding added: [N, 4·block_out_channels[0]]. */
function conditioning(
  p: Parameters,
  config: UNet2DConditionConfig,
  { timestep, added, guidance }: UNetInputs,
): Value {
  const base = config.block_out_channels[0]!;
  const wave = { flipSinToCos: config.flip_sin_to_cos, freqShift: config.freq_shift };
  const time = p.at('time_embedding');
  let sinusoid = timestepSinusoid(timestep, { width: base, ...wave });
  if (guidance && config.time_cond_proj_dim !== undefined) {
    // section 4.3 of arXiv 2310.04378 as its pipeline computes it: sinusoids of 1000 (w - 1)
    const shape = { width: config.time_cond_proj_dim, flipSinToCos: false, freqShift: 1 };
    const embedded = timestepSinusoid(mul(sub(guidance, 1), 1000), shape);
    sinusoid = add(sinusoid, time.linear('cond_proj', embedded, base));
  }
  const temb = timestepEmbedding(time, sinusoid, base * 4);
  if (config.addition_embed_type !== 'text_time') return temb;
  if (!added) throw new Error('this UNet (addition_embed_type text_time) needs text_embeds and time_ids');
  const [n, ids] = added.timeIds.shape as [number, number];
  const width = config.addition_time_embed_dim!;
  const sizes = timestepSinusoid(reshape(added.timeIds, [n * ids]), { width, ...wave });
  const joined = concat([added.textEmbeds, reshape(sizes, [n, ids * width])], 1);
  return add(temb, timestepEmbedding(p.at('add_embedding'), joined, base * 4));
}

const perBlock = (value: number | readonly number[], blocks: number): readonly number[] =>
  typeof value === 'number' ? Array.from({ length: blocks }, () => value) : value;
