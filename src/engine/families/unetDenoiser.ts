import type { UNet2DConditionConfig } from '../checkpoint/config/unet.js';
import type { Checkpoint } from '../checkpoint/layout.js';
import type { Graph, Value } from '../graph/graph.js';
import { concat } from '../graph/ops/index.js';
import type { Precision } from '../halves.js';
import { type Overrides, type Parameters, withParameters } from '../models/parameters.js';
import { unet2dCondition, type UNetInputs } from '../models/unet2dCondition.js';
import type { Tensor } from '../runtime/session.js';
import type { Condition, Denoiser, DenoiserInputs, LatentSize, LoraLayers, Method } from './family.js';

/** The layers that methods learn, by diffusers' names. */
const CROSS_ATTENTION = /\.attn2\.to_[qkv]\.weight$/;
const LORA: Readonly<Record<LoraLayers, RegExp>> = {
  attention: /\.attn[12]\.(to_[qkv]|to_out\.0)\.weight$/,
  transformer: /\.(attn[12]\.(to_[qkv]|to_out\.0)|ff\.net\.(0\.proj|2))\.weight$/,
};

/** Conditions beside the text, as SDXL has them. */
export type Added = (
  graph: Graph,
  condition: Condition,
  sample: Value,
) => NonNullable<UNetInputs['added']> | undefined;

/** UNet2DConditionModel: SD 1.x, SD 2.x, SDXL and pocket. */
export class UNetDenoiser implements Denoiser {
  readonly component = 'unet';
  readonly #config: UNet2DConditionConfig;

  constructor(
    private readonly unet: Checkpoint['unet'],
    private readonly added: Added = () => undefined,
  ) {
    this.#config = unet.config;
  }

  get precision(): Precision {
    return this.unet.weights.precision;
  }

  get channels(): number {
    return this.#config.out_channels;
  }

  get embedsGuidance(): boolean {
    return this.#config.time_cond_proj_dim !== undefined;
  }

  get fillsHoles(): boolean {
    return this.#config.in_channels > this.#config.out_channels;
  }

  get nativeCells(): number {
    return this.#config.sample_size;
  }

  /** Each block but the last halves the latents. */
  get multiple(): number {
    return 2 ** (this.#config.block_out_channels.length - 1);
  }

  attentionGrid({ height, width }: LatentSize): LatentSize[] {
    const { down_block_types: down, up_block_types: up } = this.#config;
    const last = down.length - 1;
    const attends = (level: number): boolean =>
      level === last || down[level]!.startsWith('CrossAttn') || up[last - level]!.startsWith('CrossAttn');
    return down
      .map((_, level) => level)
      .filter(attends)
      .map((level) => ({ height: height >> level, width: width >> level }));
  }

  trainable(method: Method, layers: LoraLayers = 'attention'): string[] {
    const learned = method === 'lora' ? LORA[layers] : CROSS_ATTENTION;
    return this.unet.weights.names().filter((name) => learned.test(name));
  }

  shapeOf(parameter: string): readonly number[] {
    return this.unet.weights.get(parameter).shape;
  }

  read(parameter: string): Tensor {
    return { shape: this.shapeOf(parameter), data: this.unet.weights.read(parameter) };
  }

  predict(graph: Graph, inputs: DenoiserInputs, overrides: Overrides): Value {
    const { sample, timestep, condition, bias, guidance, hole } = inputs;
    if (this.fillsHoles && !hole) throw new Error('this UNet needs to know the hole that it fills');
    const added = this.added(graph, condition, sample);
    const given = {
      sample: hole ? concat([sample, hole], 1) : sample,
      timestep,
      guidance,
      encoderHiddenStates: condition.hidden,
      bias,
      ...(added ? { added } : {}),
    };
    const build = (p: Parameters): Value => unet2dCondition(p, this.#config, given);
    return withParameters(graph, this.unet.weights, build, overrides);
  }
}
