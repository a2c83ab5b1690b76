import { z } from 'zod';
import {
  count,
  counts,
  flag,
  type Json,
  listOf,
  number,
  numbers,
  read,
  refusal,
  requireDivides,
  requireOnly,
} from './fields.js';

/** Fields and defaults as in diffusers' AutoencoderKL.__init__. */
const kl = z.object({
  in_channels: count().default(3),
  out_channels: count().default(3),
  block_out_channels: counts().default([64]),
  layers_per_block: count().default(1),
  latent_channels: count().default(4),
  norm_num_groups: count().default(32),
  scaling_factor: number().default(0.18215),
  shift_factor: number().optional(),
  use_quant_conv: flag().default(true),
  use_post_quant_conv: flag().default(true),
  mid_block_add_attention: flag().default(true),
  /** SDXL: activations overflow in float16. */
  force_upcast: flag().default(true),
});

/** TAESD, a small autoencoder with a big one's latents: fields and defaults as in diffusers' AutoencoderTiny.__init__. */
const tiny = z.object({
  in_channels: count().default(3),
  out_channels: count().default(3),
  latent_channels: count().default(4),
  encoder_block_out_channels: counts().default([64, 64, 64, 64]),
  decoder_block_out_channels: counts().default([64, 64, 64, 64]),
  num_encoder_blocks: counts().default([1, 3, 3, 3]),
  num_decoder_blocks: counts().default([3, 3, 3, 1]),
});

/** Of the latents, a number a channel: both are there or none. They make the denoiser's latents of mean 0 and of one deviation. */
const statistics = (
  file: string,
  json: Json,
  channels: number,
): { latents_mean?: readonly number[]; latents_std?: readonly number[] } => {
  const { latents_mean, latents_std } = read(
    file,
    json,
    z.object({ latents_mean: numbers(channels).optional(), latents_std: numbers(channels).optional() }),
  );
  if (latents_mean && latents_std) return { latents_mean, latents_std };
  if (latents_mean ?? latents_std)
    throw refusal(file, 'latents_std', latents_std, 'latents_mean and latents_std together');
  return {};
};

export type AutoencoderKLConfig = Readonly<z.infer<typeof kl>> & ReturnType<typeof statistics>;
export type AutoencoderTinyConfig = Readonly<z.infer<typeof tiny>>;

/** @throws HostError naming the field that the engine does not build */
export function autoencoderConfig(file: string, json: Json): AutoencoderKLConfig {
  requireOnly(file, json, { act_fn: ['silu', 'swish'] });
  const plain = read(file, json, kl);
  const config = { ...plain, ...statistics(file, json, plain.latent_channels) };
  const blocks = config.block_out_channels.length;
  const types = z.object({
    down_block_types: listOf(['DownEncoderBlock2D'], blocks).default(['DownEncoderBlock2D']),
    up_block_types: listOf(['UpDecoderBlock2D'], blocks).default(['UpDecoderBlock2D']),
  });
  read(file, json, types);
  for (const width of config.block_out_channels)
    requireDivides(file, 'block_out_channels', width, 'norm_num_groups', config.norm_num_groups);
  return config;
}

/** @throws HostError naming the field that the engine does not build */
export function autoencoderTinyConfig(file: string, json: Json): AutoencoderTinyConfig {
  requireOnly(file, json, {
    act_fn: ['relu'],
    upsample_fn: ['nearest'],
    upsampling_scaling_factor: [2],
    latent_magnitude: [3],
    latent_shift: [0.5],
    scaling_factor: [1],
    shift_factor: [0],
  });
  const config = read(file, json, tiny);
  for (const side of ['encoder', 'decoder'] as const) {
    const [name, channels] = [`num_${side}_blocks`, `${side}_block_out_channels`] as const;
    const { length } = config[channels];
    if (config[name].length !== length)
      throw refusal(file, name, config[name], `one a block, and ${channels} has ${length}`);
  }
  return config;
}
