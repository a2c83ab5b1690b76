import { z } from 'zod';
import {
  count,
  countOrList,
  counts,
  flag,
  type Json,
  listOf,
  number,
  oneOf,
  read,
  refusal,
  requireDivides,
  requireOnly,
} from './fields.js';

/** Latent cells a side, eight times what SDXL was trained on: pictures are drawn at about that size. */
const MOST_CELLS = 1024;

const channels = z.object({ block_out_channels: counts().default([320, 640, 1280, 1280]) });

/** Fields and defaults as in diffusers' UNet2DConditionModel.__init__, for so many blocks. */
const fields = (blocks: number) =>
  channels.extend({
    sample_size: count(MOST_CELLS).default(64),
    in_channels: count().default(4),
    out_channels: count().default(4),
    down_block_types: listOf(['CrossAttnDownBlock2D', 'DownBlock2D'], blocks).default([
      'CrossAttnDownBlock2D',
      'CrossAttnDownBlock2D',
      'CrossAttnDownBlock2D',
      'DownBlock2D',
    ]),
    up_block_types: listOf(['CrossAttnUpBlock2D', 'UpBlock2D'], blocks).default([
      'UpBlock2D',
      'CrossAttnUpBlock2D',
      'CrossAttnUpBlock2D',
      'CrossAttnUpBlock2D',
    ]),
    layers_per_block: countOrList(blocks).default(2),
    norm_num_groups: count().default(32),
    norm_eps: number().default(1e-5),
    cross_attention_dim: count().default(1280),
    transformer_layers_per_block: countOrList(blocks).default(1),
    /** In diffusers this is the *number* of heads, unless num_attention_heads is set (its issue 2011). */
    attention_head_dim: countOrList(blocks).default(8),
    num_attention_heads: countOrList(blocks).optional(),
    use_linear_projection: flag().default(false),
    flip_sin_to_cos: flag().default(true),
    freq_shift: number().default(0),
    addition_embed_type: oneOf(['text_time']).optional(),
    addition_time_embed_dim: count().optional(),
    /** SDXL: width of the pooled text embedding and six sinusoids, joined. */
    projection_class_embeddings_input_dim: count().optional(),
    /** LCM's distilled UNets take guidance as a condition: width of its sinusoids. */
    time_cond_proj_dim: count().optional(),
    /** SD 2.1: attention scores overflow in float16. */
    upcast_attention: flag().default(false),
  });

export type UNet2DConditionConfig = Readonly<z.infer<ReturnType<typeof fields>>>;

/** @throws HostError naming the field that the engine does not build */
export function unetConfig(file: string, json: Json): UNet2DConditionConfig {
  // null leaves the middle out (segmind's small models)
  if (json.mid_block_type === null) throw refusal(file, 'mid_block_type', null, 'only models that have it');
  requireOnly(file, json, BUILT);
  const { block_out_channels: widths } = read(file, json, channels);
  const config = read(file, json, fields(widths.length));
  const heads = config.num_attention_heads ?? config.attention_head_dim;
  for (const [i, width] of widths.entries()) {
    requireDivides(file, 'block_out_channels', width, 'norm_num_groups', config.norm_num_groups);
    const attends = config.down_block_types[i] === 'CrossAttnDownBlock2D' || i === widths.length - 1;
    const own = typeof heads === 'number' ? heads : heads[i]!;
    if (attends) requireDivides(file, 'block_out_channels', width, 'the number of heads', own);
  }
  if (config.addition_embed_type)
    for (const name of ['addition_time_embed_dim', 'projection_class_embeddings_input_dim'] as const)
      if (config[name] === undefined) throw refusal(file, name, undefined, 'a whole number above zero');
  return config;
}

/** Values of other fields of diffusers' that the engine builds. */
const BUILT = {
  act_fn: ['silu', 'swish'],
  mid_block_type: ['UNetMidBlock2DCrossAttn'],
  only_cross_attention: [false],
  dual_cross_attention: [false],
  center_input_sample: [false],
  class_embed_type: [],
  encoder_hid_dim_type: [],
  encoder_hid_dim: [],
  num_class_embeds: [],
  resnet_time_scale_shift: ['default'],
  resnet_skip_time_act: [false],
  resnet_out_scale_factor: [1],
  time_embedding_type: ['positional'],
  time_embedding_dim: [],
  time_embedding_act_fn: [],
  timestep_post_act: [],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  attention_type: ['default'],
  mid_block_only_cross_attention: [false],
  mid_block_scale_factor: [1],
  downsample_padding: [1],
  dropout: [0],
  cross_attention_norm: [],
  addition_embed_type: ['text_time'],
  reverse_transformer_layers_per_block: [],
} as const;
