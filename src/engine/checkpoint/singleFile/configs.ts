import type { SingleFileComponents, SingleTensor } from './components.js';

type Tensors = ReadonlyMap<string, SingleTensor>;
type Json = Readonly<Record<string, unknown>>;

/** What the config.json files of a checkpoint in diffusers layout would say, read off the tensors' shapes. */
export interface SingleFileConfigs {
  readonly unet: Json;
  readonly vae: Json;
  readonly text_encoder: Json;
  readonly text_encoder_2?: Json;
  readonly scheduler: Json;
}

/** What SD 1.x calls heads is 8 everywhere; later UNets and every CLIP have heads of 64 channels. */
const SD1_HEADS = 8;
const HEAD_WIDTH = 64;
/** SDXL's sizes are six sinusoids of this width (arXiv 2307.01952, section 2.2). */
const SIZE_EMBEDDINGS = 6;
/** Sides of the latents the families were trained on. */
const SAMPLE_SIZES = { sd1: 64, sd2: 96, sdxl: 128 } as const;

/** What a file says of itself beside its components' tensors. */
export interface Marks {
  /** Of the file; `modelspec.*` as in Stability's model metadata standard. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Small tensors that stand for settings, by name; many are empty. */
  readonly tensors?: ReadonlyMap<string, readonly number[]>;
}

/** @param said what the file says of itself */
export function configsOf(
  components: SingleFileComponents,
  { metadata = {}, tensors: marks = new Map() }: Marks = {},
): SingleFileConfigs {
  const { family, unet, vae, text_encoder, text_encoder_2 } = components;
  const second = text_encoder_2 && textConfig(text_encoder_2, { act: 'gelu', penultimate: false });
  const [side] = /^\d+/.exec(metadata['modelspec.resolution'] ?? '') ?? [];
  const config = unetConfig(unet, family === 'sd1', second?.projection_dim as number | undefined);
  return {
    unet: { ...config, sample_size: side ? Number(side) / 8 : SAMPLE_SIZES[family] },
    vae: { ...vaeConfig(vae, family === 'sdxl' ? 0.13025 : 0.18215), ...latentsBy(marks) },
    text_encoder: textConfig(text_encoder, {
      act: family === 'sd2' ? 'gelu' : 'quick_gelu',
      penultimate: family === 'sd2',
    }),
    ...(second ? { text_encoder_2: second } : {}),
    scheduler: edmScheduler(marks) ?? {
      ...{ _class_name: 'EulerDiscreteScheduler', num_train_timesteps: 1000, steps_offset: 1 },
      ...{
        beta_start: 0.00085,
        beta_end: 0.012,
        beta_schedule: 'scaled_linear',
        timestep_spacing: 'leading',
      },
      prediction_type: predictsV(family, metadata, marks) ? 'v_prediction' : 'epsilon',
      // as ComfyUI: models trained to pure noise carry a tensor of that name
      rescale_betas_zero_snr: marks.has('ztsnr'),
    },
  };
}

/** Playground 2.5's latents have a mean and deviation of their own, and a factor that diffusers writes beside them. */
function latentsBy(marks: NonNullable<Marks['tensors']>): Json {
  const [mean, std] = [marks.get('edm_mean'), marks.get('edm_std')];
  return mean && std ? { latents_mean: mean, latents_std: std, scaling_factor: 0.5 } : {};
}

/** Playground 2.5 as diffusers knows it, and CosXL's tensors as ComfyUI does, with the schedule of diffusers' example. */
function edmScheduler(marks: NonNullable<Marks['tensors']>): Json | undefined {
  if (marks.has('edm_mean')) return { _class_name: 'EDMDPMSolverMultistepScheduler' };
  const [most, least] = ['sigma_max', 'sigma_min'].map((name) => marks.get(`edm_vpred.${name}`)?.[0]);
  if (most === undefined) return undefined;
  return {
    ...{ _class_name: 'EDMEulerScheduler', prediction_type: 'v_prediction', sigma_schedule: 'exponential' },
    ...{ sigma_data: 1, sigma_max: most, sigma_min: least ?? 0.002 },
  };
}

/** SD 2.1 at 768 predicts v; others say so in the metadata or, as ComfyUI reads it, by an empty tensor of that name. */
function predictsV(
  family: SingleFileComponents['family'],
  metadata: Readonly<Record<string, string>>,
  marks: NonNullable<Marks['tensors']>,
): boolean {
  const said = metadata['modelspec.prediction_type'];
  if (said) return said.startsWith('v');
  return marks.has('v_pred') || family === 'sd2';
}

function unetConfig(tensors: Tensors, fixedHeads: boolean, projection: number | undefined): Json {
  const shape = (name: string): readonly number[] => tensors.get(name)!.shape;
  const levels = countOf(tensors, /^down_blocks\.(\d+)\.resnets\.0\.conv1\.weight$/);
  const blocks = Array.from({ length: levels }, (_, i) => i);
  const widths = blocks.map((i) => shape(`down_blocks.${i}.resnets.0.conv1.weight`)[0]!);
  const attends = (side: 'down' | 'up', i: number): boolean =>
    tensors.has(`${side}_blocks.${i}.attentions.0.proj_in.weight`);
  const depth = (i: number): number =>
    countOf(
      tensors,
      new RegExp(`^down_blocks\\.${i}\\.attentions\\.0\\.transformer_blocks\\.(\\d+)\\.norm1\\.weight$`),
    );
  const any = 'mid_block.attentions.0';
  const added = tensors.get('add_embedding.linear_1.weight')?.shape[1];
  const heardGuidance = tensors.get('time_embedding.cond_proj.weight')?.shape[1];
  // the middle's depth is the last level's, also where that level itself does not attend
  const middle = countOf(tensors, /^mid_block\.attentions\.0\.transformer_blocks\.(\d+)\.norm1\.weight$/);
  return {
    in_channels: shape('conv_in.weight')[1],
    out_channels: shape('conv_out.weight')[0],
    block_out_channels: widths,
    layers_per_block: countOf(tensors, /^down_blocks\.0\.resnets\.(\d+)\.conv1\.weight$/),
    down_block_types: blocks.map((i) => (attends('down', i) ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    up_block_types: blocks.map((i) => (attends('up', i) ? 'CrossAttnUpBlock2D' : 'UpBlock2D')),
    transformer_layers_per_block: blocks.map((i) => (i === levels - 1 ? middle : depth(i) || 1)),
    cross_attention_dim: shape(`${any}.transformer_blocks.0.attn2.to_k.weight`)[1],
    attention_head_dim: fixedHeads ? SD1_HEADS : widths.map((width) => width / HEAD_WIDTH),
    use_linear_projection: shape(`${any}.proj_in.weight`).length === 2,
    ...(heardGuidance ? { time_cond_proj_dim: heardGuidance } : {}),
    ...(added && projection
      ? {
          addition_embed_type: 'text_time',
          addition_time_embed_dim: (added - projection) / SIZE_EMBEDDINGS,
          projection_class_embeddings_input_dim: added,
        }
      : {}),
  };
}

function vaeConfig(tensors: Tensors, scaling_factor: number): Json {
  const levels = countOf(tensors, /^encoder\.down_blocks\.(\d+)\.resnets\.0\.conv1\.weight$/);
  return {
    latent_channels: tensors.get('decoder.conv_in.weight')!.shape[1],
    layers_per_block: countOf(tensors, /^encoder\.down_blocks\.0\.resnets\.(\d+)\.conv1\.weight$/),
    block_out_channels: Array.from(
      { length: levels },
      (_, i) => tensors.get(`encoder.down_blocks.${i}.resnets.0.conv1.weight`)!.shape[0],
    ),
    down_block_types: Array.from({ length: levels }, () => 'DownEncoderBlock2D'),
    up_block_types: Array.from({ length: levels }, () => 'UpDecoderBlock2D'),
    scaling_factor,
  };
}

/** @param penultimate SD 2.x listens to the last layer but one: as in diffusers, it is left out of the model */
function textConfig(tensors: Tensors, { act, penultimate }: { act: string; penultimate: boolean }): Json {
  const [vocab_size, hidden_size] = tensors.get('text_model.embeddings.token_embedding.weight')!.shape as [
    number,
    number,
  ];
  const layers = countOf(tensors, /^text_model\.encoder\.layers\.(\d+)\.layer_norm1\.weight$/);
  return {
    ...{ vocab_size, hidden_size, hidden_act: act },
    intermediate_size: tensors.get('text_model.encoder.layers.0.mlp.fc1.weight')!.shape[0],
    num_hidden_layers: layers - Number(penultimate),
    num_attention_heads: Math.max(1, hidden_size / HEAD_WIDTH),
    max_position_embeddings: tensors.get('text_model.embeddings.position_embedding.weight')!.shape[0],
    projection_dim: tensors.get('text_projection.weight')?.shape[0] ?? hidden_size,
    ...{ bos_token_id: vocab_size - 2, eos_token_id: vocab_size - 1 },
  };
}

/** One more than the highest number that the pattern's group takes. */
function countOf(tensors: Tensors, pattern: RegExp): number {
  let count = 0;
  for (const name of tensors.keys()) count = Math.max(count, Number(pattern.exec(name)?.[1] ?? -1) + 1);
  return count;
}
