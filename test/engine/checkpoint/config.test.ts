import { describe, expect, it } from 'vitest';
import { autoencoderConfig } from '../../../src/engine/checkpoint/config/autoencoder.js';
import { clipTextConfig } from '../../../src/engine/checkpoint/config/clip.js';
import { recommendedOf } from '../../../src/engine/checkpoint/config/recommended.js';
import { schedulerConfig } from '../../../src/engine/checkpoint/config/scheduler.js';
import { unetConfig } from '../../../src/engine/checkpoint/config/unet.js';
import { HostError } from '../../../src/engine/errors.js';

type Json = Readonly<Record<string, unknown>>;
const FILE = 'x/config.json';
const refuse = (parse: (file: string, json: Json) => unknown, json: Json, message: string) =>
  expect(() => parse(FILE, json)).toThrow(new HostError(`x/config.json: ${message}`));

/** The fields that tell the families apart, as their makers publish them. */
const SD_1_5 = {
  attention_head_dim: 8,
  cross_attention_dim: 768,
  sample_size: 64,
  in_channels: 4,
  norm_eps: 1e-5,
};
const SD_2_1 = {
  attention_head_dim: [5, 10, 20, 20],
  cross_attention_dim: 1024,
  use_linear_projection: true,
  upcast_attention: true,
  dual_cross_attention: false,
  only_cross_attention: false,
  num_class_embeds: null,
  sample_size: 96,
};
const SDXL = {
  addition_embed_type: 'text_time',
  addition_time_embed_dim: 256,
  projection_class_embeddings_input_dim: 2816,
  attention_head_dim: [5, 10, 20],
  block_out_channels: [320, 640, 1280],
  cross_attention_dim: 2048,
  down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
  up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'],
  transformer_layers_per_block: [1, 2, 10],
  mid_block_only_cross_attention: null,
  resnet_out_scale_factor: 1.0,
  use_linear_projection: true,
};

describe('UNet2DConditionModel', () => {
  it('fills in what diffusers fills in', () => {
    expect(unetConfig(FILE, {})).toEqual({
      sample_size: 64,
      in_channels: 4,
      out_channels: 4,
      down_block_types: [
        'CrossAttnDownBlock2D',
        'CrossAttnDownBlock2D',
        'CrossAttnDownBlock2D',
        'DownBlock2D',
      ],
      up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
      block_out_channels: [320, 640, 1280, 1280],
      layers_per_block: 2,
      norm_num_groups: 32,
      norm_eps: 1e-5,
      cross_attention_dim: 1280,
      transformer_layers_per_block: 1,
      attention_head_dim: 8,
      num_attention_heads: undefined,
      use_linear_projection: false,
      flip_sin_to_cos: true,
      freq_shift: 0,
      addition_embed_type: undefined,
      addition_time_embed_dim: undefined,
      projection_class_embeddings_input_dim: undefined,
      upcast_attention: false,
    });
  });

  it.each([
    ['SD 1.5', SD_1_5],
    ['SD 2.1', SD_2_1],
    ['SDXL', SDXL],
  ])('reads %s', (_, json: Json) => {
    const config = unetConfig(FILE, json) as unknown as Json;
    for (const name of Object.keys(json).filter((n) => n in config)) expect(config[name]).toEqual(json[name]);
  });

  it.each<[Json, string]>([
    [{ class_embed_type: 'timestep' }, 'class_embed_type is "timestep", but dedit supports only null'],
    [{ act_fn: 'mish' }, 'act_fn is "mish", but dedit supports "silu" or "swish"'],
    [{ dual_cross_attention: true }, 'dual_cross_attention is true, but dedit supports false'],
    [
      { only_cross_attention: [true, false, false, false] },
      'only_cross_attention is [true,false,false,false], but dedit supports false',
    ],
    [
      { resnet_time_scale_shift: 'scale_shift' },
      'resnet_time_scale_shift is "scale_shift", but dedit supports "default"',
    ],
    [{ time_embedding_type: 'fourier' }, 'time_embedding_type is "fourier", but dedit supports "positional"'],
    [{ conv_in_kernel: 1 }, 'conv_in_kernel is 1, but dedit supports 3'],
    [{ attention_type: 'gated' }, 'attention_type is "gated", but dedit supports "default"'],
    [{ center_input_sample: true }, 'center_input_sample is true, but dedit supports false'],
    [{ addition_embed_type: 'image' }, 'addition_embed_type is "image", but dedit supports "text_time"'],
    [
      { mid_block_type: 'UNetMidBlock2D' },
      'mid_block_type is "UNetMidBlock2D", but dedit supports "UNetMidBlock2DCrossAttn"',
    ],
    [{ mid_block_type: null }, 'mid_block_type is null, but dedit supports only models that have it'],
    [
      { down_block_types: ['AttnDownBlock2D'] },
      'down_block_types is ["AttnDownBlock2D"], but dedit supports a list of CrossAttnDownBlock2D, DownBlock2D',
    ],
    [
      { down_block_types: ['DownBlock2D'] },
      'down_block_types is ["DownBlock2D"], but dedit supports one a block, and block_out_channels has 4',
    ],
    [
      { block_out_channels: 'wide' },
      'block_out_channels is "wide", but dedit supports a list of whole numbers above zero',
    ],
    [
      { layers_per_block: [1, 2] },
      'layers_per_block is [1,2], but dedit supports a whole number above zero or a list of 4',
    ],
    [
      { transformer_layers_per_block: [[1], 1, 1, 1] },
      'transformer_layers_per_block is [[1],1,1,1], but dedit supports a whole number above zero or a list of 4',
    ],
    [{ in_channels: -4 }, 'in_channels is -4, but dedit supports a whole number above zero'],
    [{ sample_size: 1e9 }, 'sample_size is 1000000000, but dedit supports a whole number from 1 to 1,024'],
    [{ norm_num_groups: 48 }, 'block_out_channels 320 does not divide by norm_num_groups 48'],
    [{ attention_head_dim: 7 }, 'block_out_channels 320 does not divide by the number of heads 7'],
  ])('refuses %j', (json, message) => refuse(unetConfig, json, message));
});

describe('CLIPTextModel', () => {
  it('fills in what transformers fills in, and looks into text_config', () => {
    expect(clipTextConfig(FILE, {})).toMatchObject({
      hidden_size: 512,
      projection_dim: 512,
      bos_token_id: 49406,
      eos_token_id: 49407,
    });
    expect(clipTextConfig(FILE, { text_config: { hidden_size: 768 } }).hidden_size).toBe(768);
  });

  it.each<[Json, string]>([
    [{ hidden_act: 'relu' }, 'hidden_act is "relu", but dedit supports one of quick_gelu, gelu'],
    [{ model_type: 't5' }, 'model_type is "t5", but dedit supports "clip_text_model" or "clip"'],
    [{ num_attention_heads: 7 }, 'hidden_size 512 does not divide by num_attention_heads 7'],
  ])('refuses %j', (json, message) => refuse(clipTextConfig, json, message));
});

describe('AutoencoderKL', () => {
  it('fills in what diffusers fills in', () => {
    expect(autoencoderConfig(FILE, {})).toEqual({
      in_channels: 3,
      out_channels: 3,
      block_out_channels: [64],
      layers_per_block: 1,
      latent_channels: 4,
      norm_num_groups: 32,
      scaling_factor: 0.18215,
      shift_factor: undefined,
      use_quant_conv: true,
      use_post_quant_conv: true,
      mid_block_add_attention: true,
      force_upcast: true,
    });
  });

  it.each<[Json, string]>([
    [{ latents_mean: [0.1] }, 'latents_mean is [0.1], but dedit supports 4 numbers'],
    [
      { latents_mean: [1, 2, 3, 4] },
      'latents_std is missing, but dedit supports latents_mean and latents_std together',
    ],
    [
      { down_block_types: ['X'] },
      'down_block_types is ["X"], but dedit supports a list of DownEncoderBlock2D',
    ],
    [{ scaling_factor: 'big' }, 'scaling_factor is "big", but dedit supports a number'],
  ])('refuses %j', (json, message) => refuse(autoencoderConfig, json, message));
});

describe('schedulers', () => {
  it('have the defaults of their class in diffusers', () => {
    const rest = {
      beta_start: 0.0001,
      beta_end: 0.02,
      beta_schedule: 'linear',
      prediction_type: 'epsilon',
      steps_offset: 0,
    };
    const read = (name: string) => schedulerConfig(FILE, { _class_name: name });
    expect(read('DDIMScheduler')).toMatchObject({
      ...rest,
      timestep_spacing: 'leading',
      set_alpha_to_one: true,
    });
    expect(read('PNDMScheduler')).toMatchObject({
      ...rest,
      timestep_spacing: 'leading',
      set_alpha_to_one: false,
    });
    expect(read('EulerDiscreteScheduler')).toMatchObject({ ...rest, timestep_spacing: 'linspace' });
  });

  it.each<[Json, string]>([
    [
      { prediction_type: 'sample' },
      'prediction_type is "sample", but dedit supports one of epsilon, v_prediction',
    ],
    [
      { beta_schedule: 'squaredcos_cap_v2' },
      'beta_schedule is "squaredcos_cap_v2", but dedit supports one of linear, scaled_linear',
    ],
    [
      { _class_name: 'FlowMatchEulerDiscreteScheduler' },
      '_class_name is "FlowMatchEulerDiscreteScheduler", but dedit supports schedulers of discrete noise such as EulerDiscreteScheduler, and EDMEulerScheduler',
    ],
    [
      { num_train_timesteps: 2 ** 31 }, // 17 GB of schedule
      'num_train_timesteps is 2147483648, but dedit supports a whole number from 2 to 100,000',
    ],
    [{ beta_start: -1 }, 'beta_start is -1, but dedit supports a number from 0 to 1'],
    [
      { _class_name: 'EDMEulerScheduler', final_sigmas_type: 'sigma_min' },
      'final_sigmas_type is "sigma_min", but dedit supports "zero"',
    ],
    [
      { _class_name: 'EDMEulerScheduler', sigma_max: 0 },
      'sigma_max is 0, but dedit supports a number from 1 to 10000',
    ],
  ])('refuses %j', (json, message) => refuse(schedulerConfig, json, message));
});

describe('what a checkpoint recommends', () => {
  it('may be left out in part', () => {
    expect(recommendedOf(FILE, {})).toEqual({});
    const some = {
      steps: 4,
      guidance: 1,
      tries: 6,
      association: { steps: [60, 120], learningRates: [0.01, 0.001] },
    };
    expect(recommendedOf(FILE, some)).toEqual(some);
  });

  it.each<[Json, string]>([
    [{ steps: '20' }, 'steps is "20", but dedit supports a whole number from 1 to 1,000'],
    [{ guidance: -1 }, 'guidance is -1, but dedit supports a number from 0 to 100'],
    [{ tries: 0 }, 'tries is 0, but dedit supports a whole number from 1 to 100'],
    [
      { sampler: 'heun' },
      'sampler is "heun", but dedit supports one of euler, euler-ancestral, ddim, dpm++, dpm++-sde, lcm, tcd',
    ],
    [{ association: [] }, 'association is [], but dedit supports an object'],
  ])('refuses %j', (json, message) => refuse(recommendedOf, json, message));

  it('names the field within', () => {
    expect(() => recommendedOf(FILE, { association: { steps: [1] } })).toThrow(
      'x/config.json association: steps is [1], but dedit supports two numbers from 0 to 100000',
    );
  });
});
