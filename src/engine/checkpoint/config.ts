import { UserError } from '../errors.js';

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
}

export interface CLIPTextConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly max_position_embeddings: number;
  readonly hidden_act: 'quick_gelu' | 'gelu';
  readonly layer_norm_eps: number;
  readonly projection_dim: number;
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
}

/** Reads the fields of one config file; every refusal names file, field and value. */
export class Fields {
  constructor(
    private readonly file: string,
    private readonly json: Readonly<Record<string, unknown>>,
  ) {}

  number(name: string, fallback?: number): number {
    return this.#field(name, fallback, (v) => typeof v === 'number' && Number.isFinite(v), 'a number');
  }

  flag(name: string, fallback: boolean): boolean {
    return this.#field(name, fallback, (v) => typeof v === 'boolean', 'true or false');
  }

  numbers(name: string): readonly number[] {
    return this.#field<readonly number[]>(name, undefined, isNumbers, 'a list of numbers');
  }

  numberOrList(name: string, fallback?: number | undefined): number | readonly number[] {
    return this.#field(
      name,
      fallback,
      (v) => typeof v === 'number' || isNumbers(v),
      'a number or a list of numbers',
    );
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback?: T): T {
    return this.#field(name, fallback, (v) => allowed.includes(v as T), `one of ${allowed.join(', ')}`);
  }

  listOf<T extends string>(name: string, allowed: readonly T[]): readonly T[] {
    const fits = (v: unknown) => Array.isArray(v) && v.length > 0 && v.every((x) => allowed.includes(x as T));
    return this.#field<readonly T[]>(name, undefined, fits, `a list of ${allowed.join(', ')}`);
  }

  /** A field that is not there, or null. */
  missing(name: string): boolean {
    return this.json[name] === undefined || this.json[name] === null;
  }

  /** Refuses values whose meaning the engine does not build, so that nothing is silently drawn wrong. */
  only(allowed: Readonly<Record<string, readonly unknown[]>>): void {
    for (const [name, values] of Object.entries(allowed)) {
      if (!this.missing(name) && !values.includes(this.json[name]))
        throw this.#refuse(name, values.map(show).join(' or '));
    }
  }

  #field<T>(name: string, fallback: T | undefined, fits: (v: unknown) => boolean, what: string): T {
    if (this.missing(name) && fallback !== undefined) return fallback;
    if (!fits(this.json[name])) throw this.#refuse(name, what);
    return this.json[name] as T;
  }

  #refuse(name: string, what: string): UserError {
    return new UserError(`${this.file}: ${name} is ${show(this.json[name])}, but dedit supports ${what}`);
  }
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
const isNumbers = (v: unknown): boolean =>
  Array.isArray(v) && v.length > 0 && v.every((x) => typeof x === 'number');

export function unetConfig(f: Fields): UNet2DConditionConfig {
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
    time_cond_proj_dim: [],
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
  const config: UNet2DConditionConfig = {
    sample_size: f.number('sample_size', 64),
    in_channels: f.number('in_channels', 4),
    out_channels: f.number('out_channels', 4),
    down_block_types: f.listOf('down_block_types', ['CrossAttnDownBlock2D', 'DownBlock2D']),
    up_block_types: f.listOf('up_block_types', ['CrossAttnUpBlock2D', 'UpBlock2D']),
    block_out_channels: f.numbers('block_out_channels'),
    layers_per_block: f.numberOrList('layers_per_block', 2),
    norm_num_groups: f.number('norm_num_groups', 32),
    norm_eps: f.number('norm_eps', 1e-5),
    cross_attention_dim: f.number('cross_attention_dim', 1280),
    transformer_layers_per_block: f.numberOrList('transformer_layers_per_block', 1),
    attention_head_dim: f.numberOrList('attention_head_dim', 8),
    num_attention_heads: f.missing('num_attention_heads') ? undefined : f.numberOrList('num_attention_heads'),
    use_linear_projection: f.flag('use_linear_projection', false),
    flip_sin_to_cos: f.flag('flip_sin_to_cos', true),
    freq_shift: f.number('freq_shift', 0),
    addition_embed_type: textTime ? 'text_time' : undefined,
    addition_time_embed_dim: textTime ? f.number('addition_time_embed_dim') : undefined,
  };
  return config;
}

export function clipTextConfig(f: Fields): CLIPTextConfig {
  // transformers' CLIPTextConfig defaults
  const hidden = f.number('hidden_size', 512);
  return {
    vocab_size: f.number('vocab_size', 49408),
    hidden_size: hidden,
    intermediate_size: f.number('intermediate_size', 2048),
    num_hidden_layers: f.number('num_hidden_layers', 12),
    num_attention_heads: f.number('num_attention_heads', 8),
    max_position_embeddings: f.number('max_position_embeddings', 77),
    hidden_act: f.oneOf('hidden_act', ['quick_gelu', 'gelu'], 'quick_gelu'),
    layer_norm_eps: f.number('layer_norm_eps', 1e-5),
    projection_dim: f.number('projection_dim', 512),
    eos_token_id: f.number('eos_token_id', 49407),
  };
}

export function autoencoderConfig(f: Fields): AutoencoderKLConfig {
  f.only({ act_fn: ['silu', 'swish'] });
  f.listOf('down_block_types', ['DownEncoderBlock2D']);
  f.listOf('up_block_types', ['UpDecoderBlock2D']);
  return {
    in_channels: f.number('in_channels', 3),
    out_channels: f.number('out_channels', 3),
    block_out_channels: f.numbers('block_out_channels'),
    layers_per_block: f.number('layers_per_block', 1),
    latent_channels: f.number('latent_channels', 4),
    norm_num_groups: f.number('norm_num_groups', 32),
    scaling_factor: f.number('scaling_factor', 0.18215),
    shift_factor: f.missing('shift_factor') ? undefined : f.number('shift_factor'),
    use_quant_conv: f.flag('use_quant_conv', true),
    use_post_quant_conv: f.flag('use_post_quant_conv', true),
    mid_block_add_attention: f.flag('mid_block_add_attention', true),
  };
}

export function schedulerConfig(f: Fields): SchedulerConfig {
  f.only({ rescale_betas_zero_snr: [false], trained_betas: [], thresholding: [false], clip_sample: [false] });
  return {
    num_train_timesteps: f.number('num_train_timesteps', 1000),
    beta_start: f.number('beta_start', 0.00085),
    beta_end: f.number('beta_end', 0.012),
    beta_schedule: f.oneOf('beta_schedule', ['linear', 'scaled_linear'], 'scaled_linear'),
    prediction_type: f.oneOf('prediction_type', ['epsilon', 'v_prediction'], 'epsilon'),
    timestep_spacing: f.oneOf('timestep_spacing', ['linspace', 'leading', 'trailing'], 'leading'),
    steps_offset: f.number('steps_offset', 0),
    set_alpha_to_one: f.flag('set_alpha_to_one', false),
  };
}
