/** The configs of real checkpoints, as their folders hold them (fields that are at their defaults left out). */
export type Configs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const CLIP_L = {
  ...{ vocab_size: 49408, hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12 },
  ...{ num_attention_heads: 12, max_position_embeddings: 77, hidden_act: 'quick_gelu', projection_dim: 768 },
  architectures: ['CLIPTextModel'],
};
const CLIP_G = {
  ...{ vocab_size: 49408, hidden_size: 1280, intermediate_size: 5120, num_hidden_layers: 32 },
  ...{ num_attention_heads: 20, max_position_embeddings: 77, hidden_act: 'gelu', projection_dim: 1280 },
  architectures: ['CLIPTextModelWithProjection'],
};
const VAE = {
  _class_name: 'AutoencoderKL',
  block_out_channels: [128, 256, 512, 512],
  down_block_types: Array(4).fill('DownEncoderBlock2D'),
  up_block_types: Array(4).fill('UpDecoderBlock2D'),
  layers_per_block: 2,
};
const SCHEDULER = {
  ...{ _class_name: 'EulerDiscreteScheduler', beta_start: 0.00085, beta_end: 0.012 },
  ...{ beta_schedule: 'scaled_linear', timestep_spacing: 'leading', steps_offset: 1 },
};
const CROSS_DOWN = 'CrossAttnDownBlock2D';
const CROSS_UP = 'CrossAttnUpBlock2D';

/** stable-diffusion-v1-5. */
const SD15: Configs = {
  'model_index.json': {
    _class_name: 'StableDiffusionPipeline',
    scheduler: ['diffusers', 'EulerDiscreteScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
  },
  'scheduler/scheduler_config.json': SCHEDULER,
  'text_encoder/config.json': CLIP_L,
  'vae/config.json': { ...VAE, scaling_factor: 0.18215 },
  'unet/config.json': {
    ...{ _class_name: 'UNet2DConditionModel', sample_size: 64, cross_attention_dim: 768 },
    block_out_channels: [320, 640, 1280, 1280],
    down_block_types: [CROSS_DOWN, CROSS_DOWN, CROSS_DOWN, 'DownBlock2D'],
    up_block_types: ['UpBlock2D', CROSS_UP, CROSS_UP, CROSS_UP],
    attention_head_dim: 8,
  },
};

/** SD 2.x's text encoder, OpenCLIP's H without its last layer. */
const CLIP_H = {
  ...{ vocab_size: 49408, hidden_size: 1024, intermediate_size: 4096, num_hidden_layers: 23 },
  ...{ num_attention_heads: 16, max_position_embeddings: 77, hidden_act: 'gelu', projection_dim: 512 },
  architectures: ['CLIPTextModel'],
};

/** stabilityai/sd-turbo. */
const SD_TURBO: Configs = {
  ...SD15,
  'scheduler/scheduler_config.json': { ...SCHEDULER, timestep_spacing: 'trailing' },
  'text_encoder/config.json': CLIP_H,
  'unet/config.json': {
    ...SD15['unet/config.json'],
    ...{ cross_attention_dim: 1024, attention_head_dim: [5, 10, 20, 20], use_linear_projection: true },
  },
};

/** stable-diffusion-xl-base-1.0. */
const SDXL: Configs = {
  'model_index.json': {
    ...SD15['model_index.json'],
    _class_name: 'StableDiffusionXLPipeline',
    force_zeros_for_empty_prompt: true,
    text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'],
    tokenizer_2: ['transformers', 'CLIPTokenizer'],
  },
  'scheduler/scheduler_config.json': SCHEDULER,
  'text_encoder/config.json': CLIP_L,
  'text_encoder_2/config.json': CLIP_G,
  'vae/config.json': { ...VAE, scaling_factor: 0.13025 },
  'unet/config.json': {
    ...{ _class_name: 'UNet2DConditionModel', sample_size: 128, cross_attention_dim: 2048 },
    block_out_channels: [320, 640, 1280],
    down_block_types: ['DownBlock2D', CROSS_DOWN, CROSS_DOWN],
    up_block_types: [CROSS_UP, CROSS_UP, 'UpBlock2D'],
    attention_head_dim: [5, 10, 20],
    transformer_layers_per_block: [1, 2, 10],
    use_linear_projection: true,
    ...{ addition_embed_type: 'text_time', addition_time_embed_dim: 256 },
    projection_class_embeddings_input_dim: 2816,
  },
};

/** madebyollin/taesd: diffusers' defaults. */
export const TAESD = { _class_name: 'AutoencoderTiny', latent_channels: 4 } as const;

/** As many levels, blocks and kinds of layers as the real ones, a sixteenth as wide: for rehearsals. */
const NARROW = { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4 };
const NARROW_VAE = { ...VAE, block_out_channels: [32, 32, 32, 32] };
const TINY: Configs = {
  ...SD15,
  'text_encoder/config.json': { ...CLIP_L, ...NARROW },
  'vae/config.json': { ...NARROW_VAE, scaling_factor: 0.18215 },
  'unet/config.json': {
    ...SD15['unet/config.json'],
    ...{ sample_size: 8, cross_attention_dim: 64, block_out_channels: [32, 32, 64, 64] },
    ...{ attention_head_dim: 4 },
  },
};
const TINY_XL: Configs = {
  ...SDXL,
  'text_encoder/config.json': { ...CLIP_L, ...NARROW },
  'text_encoder_2/config.json': { ...CLIP_G, ...NARROW, projection_dim: 64 },
  'vae/config.json': { ...NARROW_VAE, scaling_factor: 0.13025 },
  'unet/config.json': {
    ...SDXL['unet/config.json'],
    ...{ sample_size: 8, cross_attention_dim: 128, block_out_channels: [32, 32, 64] },
    ...{ attention_head_dim: [2, 2, 4], transformer_layers_per_block: [1, 1, 2] },
    ...{ addition_time_embed_dim: 8, projection_class_embeddings_input_dim: 64 + 6 * 8 },
  },
};

export const CONFIGS = {
  tiny: TINY,
  'tiny-xl': TINY_XL,
  sd15: SD15,
  'sd-turbo': SD_TURBO,
  sdxl: SDXL,
} as const;
