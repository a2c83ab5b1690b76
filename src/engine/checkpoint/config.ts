import type { Fields } from './fields.js';

export { Fields } from './fields.js';

/** Fields as in diffusers' and transformers' config.json, with their defaults filled in. */
export interface UNet2DConditionConfig {
  readonly sample_size: number;
  readonly in_channels: number;
  readonly out_channels: number;
  readonly down_block_types: readonly ('CrossAttnDownBlock2D' | 'DownBlock2D')[];
  readonly up_block_types: readonly ('CrossAttnUpBlock2D' | 'UpBlock2D')[];
  readonly block_out_channels: readonly number[];
  readonly layers_per_block: number | readonly number[];
  readonly norm_num_groups: number;
  readonly norm_eps: number;
  readonly cross_attention_dim: number;
  readonly transformer_layers_per_block: number | readonly number[];
  /** In diffusers this is the *number* of heads, unless num_attention_heads is set (its issue 2011). */
  readonly attention_head_dim: number | readonly number[];
  readonly num_attention_heads: number | readonly number[] | undefined;
  readonly use_linear_projection: boolean;
  readonly flip_sin_to_cos: boolean;
  readonly freq_shift: number;
  readonly addition_embed_type: 'text_time' | undefined;
  readonly addition_time_embed_dim: number | undefined;
  /** SDXL: width of the pooled text embedding and six sinusoids, joined. */
  readonly projection_class_embeddings_input_dim: number | undefined;
  /** LCM's distilled UNets take guidance as a condition: width of its sinusoids. */
  readonly time_cond_proj_dim: number | undefined;
  /** SD 2.1: attention scores overflow in float16. */
  readonly upcast_attention: boolean;
}

/** What CLIP's two towers have alike. */
export interface CLIPLayersConfig {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly hidden_act: 'quick_gelu' | 'gelu';
  readonly layer_norm_eps: number;
  readonly projection_dim: number;
}

export interface CLIPVisionConfig extends CLIPLayersConfig {
  /** Pixels a side of the square pictures it takes. */
  readonly image_size: number;
  readonly patch_size: number;
}

export interface CLIPTextConfig extends CLIPLayersConfig {
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
  readonly bos_token_id: number;
  readonly eos_token_id: number;
}

export interface AutoencoderKLConfig {
  readonly in_channels: number;
  readonly out_channels: number;
  readonly block_out_channels: readonly number[];
  readonly layers_per_block: number;
  readonly latent_channels: number;
  readonly norm_num_groups: number;
  readonly scaling_factor: number;
  readonly shift_factor: number | undefined;
  readonly use_quant_conv: boolean;
  readonly use_post_quant_conv: boolean;
  readonly mid_block_add_attention: boolean;
  /** SDXL: activations overflow in float16. */
  readonly force_upcast: boolean;
}

/** TAESD: a small autoencoder with a big one's latents. */
export interface AutoencoderTinyConfig {
  readonly in_channels: number;
  readonly out_channels: number;
  readonly latent_channels: number;
  readonly encoder_block_out_channels: readonly number[];
  readonly decoder_block_out_channels: readonly number[];
  readonly num_encoder_blocks: readonly number[];
  readonly num_decoder_blocks: readonly number[];
}

export interface SchedulerConfig {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: 'linear' | 'scaled_linear';
  readonly prediction_type: 'epsilon' | 'v_prediction';
  readonly timestep_spacing: 'linspace' | 'leading' | 'trailing';
  readonly steps_offset: number;
  readonly set_alpha_to_one: boolean;
  /** Trained with pure noise at the last timestep (zero terminal SNR). */
  readonly rescale_betas_zero_snr: boolean;
  /** The class the file names, as 'LCMScheduler': how its makers sample. */
  readonly class_name: string;
}

/** Latent cells a side, eight times what SDXL was trained on: pictures are drawn at about that size. */
const MOST_CELLS = 1024;
/** A schedule keeps a number for each. */
const MOST_TIMESTEPS = 100_000;

/** Defaults as in diffusers' UNet2DConditionModel.__init__. */
export function unetConfig(f: Fields): UNet2DConditionConfig {
  f.notNull('mid_block_type'); // null leaves the middle out (segmind's small models)
  f.only({
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
  });
  const textTime = !f.missing('addition_embed_type');
  const channels = f.counts('block_out_channels', [320, 640, 1280, 1280]);
  const blocks = channels.length;
  const config: UNet2DConditionConfig = {
    sample_size: f.count('sample_size', 64, MOST_CELLS),
    in_channels: f.count('in_channels', 4),
    out_channels: f.count('out_channels', 4),
    down_block_types: f.listOf('down_block_types', ['CrossAttnDownBlock2D', 'DownBlock2D'], blocks, [
      'CrossAttnDownBlock2D',
      'CrossAttnDownBlock2D',
      'CrossAttnDownBlock2D',
      'DownBlock2D',
    ]),
    up_block_types: f.listOf('up_block_types', ['CrossAttnUpBlock2D', 'UpBlock2D'], blocks, [
      'UpBlock2D',
      'CrossAttnUpBlock2D',
      'CrossAttnUpBlock2D',
      'CrossAttnUpBlock2D',
    ]),
    block_out_channels: channels,
    layers_per_block: f.countOrList('layers_per_block', blocks, 2),
    norm_num_groups: f.count('norm_num_groups', 32),
    norm_eps: f.number('norm_eps', 1e-5),
    cross_attention_dim: f.count('cross_attention_dim', 1280),
    transformer_layers_per_block: f.countOrList('transformer_layers_per_block', blocks, 1),
    attention_head_dim: f.countOrList('attention_head_dim', blocks, 8),
    num_attention_heads: f.missing('num_attention_heads')
      ? undefined
      : f.countOrList('num_attention_heads', blocks),
    use_linear_projection: f.flag('use_linear_projection', false),
    flip_sin_to_cos: f.flag('flip_sin_to_cos', true),
    freq_shift: f.number('freq_shift', 0),
    addition_embed_type: textTime ? 'text_time' : undefined,
    addition_time_embed_dim: textTime ? f.count('addition_time_embed_dim') : undefined,
    projection_class_embeddings_input_dim: textTime
      ? f.count('projection_class_embeddings_input_dim')
      : undefined,
    time_cond_proj_dim: f.missing('time_cond_proj_dim') ? undefined : f.count('time_cond_proj_dim'),
    upcast_attention: f.flag('upcast_attention', false),
  };
  const heads = config.num_attention_heads ?? config.attention_head_dim;
  for (const [i, width] of channels.entries()) {
    f.divides('block_out_channels', width, 'norm_num_groups', config.norm_num_groups);
    const attends = config.down_block_types[i] === 'CrossAttnDownBlock2D' || i === blocks - 1;
    const count = typeof heads === 'number' ? heads : heads[i]!;
    if (attends) f.divides('block_out_channels', width, 'the number of heads', count);
  }
  return config;
}

/** Defaults as in transformers' CLIPTextConfig; a whole CLIP's config holds it as text_config. */
export function clipTextConfig(whole: Fields): CLIPTextConfig {
  const f = whole.within('text_config');
  f.only({ model_type: ['clip_text_model', 'clip'] });
  return {
    ...clipLayersConfig(f, { hidden_size: 512, intermediate_size: 2048, heads: 8 }),
    vocab_size: f.count('vocab_size', 49408),
    // a beginning, a token and an end
    max_position_embeddings: f.count('max_position_embeddings', 77, Infinity, 3),
    bos_token_id: f.number('bos_token_id', 49406),
    eos_token_id: f.number('eos_token_id', 49407),
  };
}

/** Defaults as in transformers' CLIPVisionConfig; a whole CLIP's config holds it as vision_config. */
export function clipVisionConfig(whole: Fields): CLIPVisionConfig {
  const f = whole.within('vision_config');
  f.only({ model_type: ['clip_vision_model', 'clip'], num_channels: [3] });
  const config: CLIPVisionConfig = {
    ...clipLayersConfig(f, { hidden_size: 768, intermediate_size: 3072, heads: 12 }),
    // where there is a whole CLIP, its own projection counts
    projection_dim: whole.count('projection_dim', f.count('projection_dim', 512)),
    image_size: f.count('image_size', 224),
    patch_size: f.count('patch_size', 32),
  };
  f.divides('image_size', config.image_size, 'patch_size', config.patch_size);
  return config;
}

function clipLayersConfig(
  f: Fields,
  defaults: { hidden_size: number; intermediate_size: number; heads: number },
): CLIPLayersConfig {
  const config: CLIPLayersConfig = {
    hidden_size: f.count('hidden_size', defaults.hidden_size),
    intermediate_size: f.count('intermediate_size', defaults.intermediate_size),
    num_hidden_layers: f.count('num_hidden_layers', 12),
    num_attention_heads: f.count('num_attention_heads', defaults.heads),
    hidden_act: f.oneOf('hidden_act', ['quick_gelu', 'gelu'], 'quick_gelu'),
    layer_norm_eps: f.number('layer_norm_eps', 1e-5),
    projection_dim: f.count('projection_dim', 512),
  };
  f.divides('hidden_size', config.hidden_size, 'num_attention_heads', config.num_attention_heads);
  return config;
}

/** Defaults as in diffusers' AutoencoderKL.__init__. */
export function autoencoderConfig(f: Fields): AutoencoderKLConfig {
  f.only({ act_fn: ['silu', 'swish'], latents_mean: [], latents_std: [] });
  const channels = f.counts('block_out_channels', [64]);
  f.listOf('down_block_types', ['DownEncoderBlock2D'], channels.length, ['DownEncoderBlock2D']);
  f.listOf('up_block_types', ['UpDecoderBlock2D'], channels.length, ['UpDecoderBlock2D']);
  const config: AutoencoderKLConfig = {
    in_channels: f.count('in_channels', 3),
    out_channels: f.count('out_channels', 3),
    block_out_channels: channels,
    layers_per_block: f.count('layers_per_block', 1),
    latent_channels: f.count('latent_channels', 4),
    norm_num_groups: f.count('norm_num_groups', 32),
    scaling_factor: f.number('scaling_factor', 0.18215),
    shift_factor: f.missing('shift_factor') ? undefined : f.number('shift_factor'),
    use_quant_conv: f.flag('use_quant_conv', true),
    use_post_quant_conv: f.flag('use_post_quant_conv', true),
    mid_block_add_attention: f.flag('mid_block_add_attention', true),
    force_upcast: f.flag('force_upcast', true),
  };
  for (const width of channels)
    f.divides('block_out_channels', width, 'norm_num_groups', config.norm_num_groups);
  return config;
}

/** Defaults as in diffusers' AutoencoderTiny.__init__. */
export function autoencoderTinyConfig(f: Fields): AutoencoderTinyConfig {
  f.only({
    act_fn: ['relu'],
    upsample_fn: ['nearest'],
    upsampling_scaling_factor: [2],
    latent_magnitude: [3],
    latent_shift: [0.5],
    scaling_factor: [1],
    shift_factor: [0],
  });
  const sides = (side: 'encoder' | 'decoder', blocks: readonly number[]) => {
    const channels = f.counts(`${side}_block_out_channels`, [64, 64, 64, 64]);
    const counts = f.counts(`num_${side}_blocks`, blocks);
    if (channels.length !== counts.length)
      throw f.refuse(
        `num_${side}_blocks`,
        `one a block, and ${side}_block_out_channels has ${channels.length}`,
      );
    return [channels, counts] as const;
  };
  const [encoder_block_out_channels, num_encoder_blocks] = sides('encoder', [1, 3, 3, 3]);
  const [decoder_block_out_channels, num_decoder_blocks] = sides('decoder', [3, 3, 3, 1]);
  return {
    in_channels: f.count('in_channels', 3),
    out_channels: f.count('out_channels', 3),
    latent_channels: f.count('latent_channels', 4),
    ...{ encoder_block_out_channels, decoder_block_out_channels, num_encoder_blocks, num_decoder_blocks },
  };
}

/** Schedulers whose config describes the discrete noising that the engine knows; the samplers are the engine's own. */
const DISCRETE =
  /^(DDIM|DDPM|PNDM|LMSDiscrete|EulerDiscrete|EulerAncestralDiscrete|HeunDiscrete|KDPM2\w*Discrete|DPMSolver\w+|DEISMultistep|UniPCMultistep|LCM|TCD)Scheduler$/;

/** Defaults as in diffusers' schedulers; two of them differ between its classes. */
export function schedulerConfig(f: Fields): SchedulerConfig {
  f.only({ trained_betas: [], thresholding: [false], clip_sample: [false] });
  const name = f.text(
    '_class_name',
    'DDIMScheduler',
    DISCRETE,
    'schedulers of discrete noise such as EulerDiscreteScheduler',
  );
  const leads = /^(DDIM|DDPM|PNDM)/.test(name);
  return {
    num_train_timesteps: f.count('num_train_timesteps', 1000, MOST_TIMESTEPS),
    beta_start: f.number('beta_start', 0.0001, [0, 1]),
    beta_end: f.number('beta_end', 0.02, [0, 1]),
    beta_schedule: f.oneOf('beta_schedule', ['linear', 'scaled_linear'], 'linear'),
    prediction_type: f.oneOf('prediction_type', ['epsilon', 'v_prediction'], 'epsilon'),
    timestep_spacing: f.oneOf(
      'timestep_spacing',
      ['linspace', 'leading', 'trailing'],
      leads ? 'leading' : 'linspace',
    ),
    steps_offset: f.number('steps_offset', 0),
    set_alpha_to_one: f.flag('set_alpha_to_one', /^(DDIM|LCM|TCD)/.test(name)),
    rescale_betas_zero_snr: f.flag('rescale_betas_zero_snr', false),
    class_name: name,
  };
}

/** Settings a checkpoint may bring along. */
export interface Recommended {
  readonly steps?: number;
  readonly guidance?: number;
  readonly strength?: number;
  readonly association?: {
    readonly steps?: readonly [number, number];
    readonly accumulation?: number;
    readonly batch?: number;
    readonly learningRates?: readonly [number, number];
    readonly tokensPerItem?: number;
  };
}

/** What stands in dedit.json: all of it may be left out. */
export function recommendedOf(f: Fields): Recommended {
  return {
    ...f.optional('steps', (name) => f.count(name, undefined, 1000)),
    ...f.optional('guidance', (name) => f.number(name, undefined, [0, 100])),
    ...f.optional('strength', (name) => f.number(name, undefined, [0, 1])),
    ...f.optional('association', (name) => {
      const of = f.object(name);
      return {
        ...of.optional('steps', (n) => of.pair(n, [0, 100_000])),
        ...of.optional('accumulation', (n) => of.count(n, undefined, 1000)),
        ...of.optional('batch', (n) => of.count(n, undefined, 1000)),
        ...of.optional('learningRates', (n) => of.pair(n, [0, 1])),
        ...of.optional('tokensPerItem', (n) => of.count(n, undefined, 100)),
      };
    }),
  };
}
