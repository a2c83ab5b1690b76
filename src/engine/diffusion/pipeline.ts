import type { Checkpoint } from '../checkpoint/layout.js';
import { UserError } from '../errors.js';
import type { Learned } from '../finetune/learned.js';
import { lowRanks, newTokensName } from '../finetune/trainingStep.js';
import { Graph, type Value } from '../graph/graph.js';
import { add, mul } from '../graph/ops/index.js';
import { decode, encode } from '../models/autoencoderKL.js';
import { endPositions } from '../models/clipText.js';
import { groupBias } from '../models/groupBias.js';
import { Parameters } from '../models/parameters.js';
import { endPositionsName, inputIdsName, textCondition } from '../models/textCondition.js';
import { unet2dCondition } from '../models/unet2dCondition.js';
import type { Raster } from '../raster.js';
import type { Device } from '../runtime/device.js';
import type { Session, Tensor } from '../runtime/session.js';
import { SessionCache } from '../runtime/sessionCache.js';

/** The longest item prompt, in tokens, as in D-Edit's code; shorter where the text encoder ends before. */
const PROMPT_LENGTH = 40;

/** Prompts as the UNet listens to them. */
export interface EncodedPrompts {
  /** [K, L, D] */
  readonly hidden: Tensor;
  /** SDXL: [K, P] */
  readonly pooled?: Tensor;
}

/** One call of the UNet: its condition and shapes. */
export interface DenoiserInputs {
  readonly batch: number;
  /** Of the latents. */
  readonly height: number;
  readonly width: number;
  /** [batch, T, D] */
  readonly encoderHiddenStates: Tensor;
  /** `token_groups` and `pixel_groups_HxW` (see groupBias). */
  readonly groups: Readonly<Record<string, Tensor>>;
  /** SDXL: [batch, P]. */
  readonly textEmbeds?: Tensor;
  readonly learned?: Learned | undefined;
}

/** The models of one checkpoint on one device, as plain functions from tensors to tensors. */
export class Pipeline {
  readonly sessions: SessionCache;
  /** Tokens of a prompt. */
  readonly promptLength: number;
  /** Pixels a side of one latent cell. */
  readonly factor: number;

  constructor(
    readonly checkpoint: Checkpoint,
    readonly device: Device = 'cpu',
    threads?: number,
  ) {
    this.sessions = new SessionCache({
      device,
      weightsRoot: checkpoint.weightsRoot,
      ...(threads ? { threads } : {}),
    });
    this.promptLength = Math.min(
      PROMPT_LENGTH,
      ...checkpoint.textEncoders.map((e) => e.config.max_position_embeddings),
    );
    this.factor = 2 ** (checkpoint.vae.config.block_out_channels.length - 1);
  }

  /** Picture sides must be multiples of this: the UNet halves the latents at each block but the last. */
  get sideMultiple(): number {
    return this.factor * 2 ** (this.checkpoint.unet.config.block_out_channels.length - 1);
  }

  /** Sides in pixels of the square the checkpoint was trained on. */
  get nativeSide(): number {
    return this.checkpoint.unet.config.sample_size * this.factor;
  }

  /** Latents [1, C, H/f, W/f] of a picture, the distribution's mean, scaled as the UNet wants them. */
  async encodePicture({ width, height, data }: Raster): Promise<Tensor> {
    const { config, weights } = this.checkpoint.vae;
    const session = await this.sessions.get(`encode ${width}x${height}`, () => {
      const graph = new Graph();
      const pixels = graph.input('pixels', [1, 3, height, width]);
      const { mean } = encode(new Parameters(graph, weights), config, pixels);
      graph.output('latents', mul(add(mean, -(config.shift_factor ?? 0)), config.scaling_factor));
      return graph;
    });
    const area = width * height;
    const pixels = new Float32Array(3 * area);
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) pixels[c * area + i] = data[i * 3 + c]! / 127.5 - 1;
    }
    const { latents } = await session.run({ pixels: { shape: [1, 3, height, width], data: pixels } }, [
      'latents',
    ]);
    return latents;
  }

  /** The picture of latents [1, C, h, w]. */
  async decodeLatents(latents: Tensor): Promise<Raster> {
    const { config, weights } = this.checkpoint.vae;
    const [, , h, w] = latents.shape as [number, number, number, number];
    const session = await this.sessions.get(`decode ${w}x${h}`, () => {
      const graph = new Graph();
      const z = graph.input('latents', latents.shape);
      const unscaled = add(mul(z, 1 / config.scaling_factor), config.shift_factor ?? 0);
      graph.output('pixels', decode(new Parameters(graph, weights), config, unscaled));
      return graph;
    });
    const { pixels } = await session.run({ latents }, ['pixels']);
    const [width, height] = [w * this.factor, h * this.factor];
    const area = width * height;
    const data = new Uint8Array(3 * area);
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) {
        data[i * 3 + c] = Math.min(255, Math.max(0, Math.round((pixels.data[c * area + i]! + 1) * 127.5)));
      }
    }
    return { width, height, data };
  }

  /** Encodes prompts; placeholders of learned items in them (see `placeholder`) become their new tokens. */
  async encodePrompts(prompts: readonly string[], learned?: Learned): Promise<EncodedPrompts> {
    const { textEncoders } = this.checkpoint;
    const fresh = learned ? learned.items * learned.tokensPerItem : 0;
    const session = await this.sessions.get(`text ${prompts.length} ${fresh}`, () => {
      const graph = new Graph();
      const newTokens = new Map<string, Value>();
      if (fresh > 0) {
        for (const { name, config } of textEncoders) {
          newTokens.set(name, graph.input(newTokensName(name), [fresh, config.hidden_size]));
        }
      }
      const { hidden, pooled } = textCondition(
        graph,
        textEncoders,
        prompts.length,
        this.promptLength,
        newTokens,
      );
      graph.output('hidden', hidden);
      if (pooled) graph.output('pooled', pooled);
      return graph;
    });
    const feeds = this.promptFeeds(prompts, learned);
    for (const [name, rows] of learned?.newTokens ?? []) feeds[newTokensName(name)] = rows;
    const { hidden, pooled } = await session.run(feeds);
    return pooled ? { hidden: hidden!, pooled } : { hidden: hidden! };
  }

  /** The text encoders' integer inputs for prompts. */
  promptFeeds(prompts: readonly string[], learned?: Learned): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const { name, config, tokenizer } of this.checkpoint.textEncoders) {
      const ids = prompts.map((prompt) => this.#tokenize(tokenizer, prompt, config.vocab_size, learned));
      feeds[inputIdsName(name)] = {
        shape: [prompts.length, this.promptLength],
        data: Int32Array.from(ids.flat()),
      };
      if (name === 'text_encoder_2') {
        feeds[endPositionsName(name)] = { shape: [prompts.length], data: endPositions(ids, config) };
      }
    }
    return feeds;
  }

  /**
   * A function from scaled latents and timestep to the UNet's prediction, both [batch, C, h, w]. The session is
   * compiled once per shape; learned weights are its inputs, so that every session of the product shares it.
   */
  async denoiser(
    inputs: DenoiserInputs,
  ): Promise<(sample: Float32Array, timestep: number) => Promise<Float32Array>> {
    const { batch, height, width, encoderHiddenStates, groups, textEmbeds, learned } = inputs;
    const { config, weights } = this.checkpoint.unet;
    const [, tokens] = encoderHiddenStates.shape as [number, number, number];
    const multiple = 2 ** (config.block_out_channels.length - 1);
    if (height % multiple !== 0 || width % multiple !== 0) {
      throw new UserError(
        `latents of ${width}x${height} do not divide by ${multiple}: choose another picture size`,
      );
    }
    const shape = [batch, config.in_channels, height, width];
    const overrides = [...(learned?.unet ?? [])];
    const kind = overrides.map(([name, t]) => `${name}[${t.shape}]`).join();
    const key = `unet ${shape} ${tokens} ${kind} ${learned?.loraScale ?? ''}`;
    const session = await this.sessions.get(key, () => {
      const graph = new Graph();
      const values = new Map(overrides.map(([name, t]) => [name, graph.input(name, t.shape)]));
      const sample = graph.input('sample', shape);
      const timestep = graph.input('timestep', [batch]);
      const hidden = graph.input('encoder_hidden_states', [batch, tokens, config.cross_attention_dim]);
      const bias = groupBias(graph, batch, tokens);
      const added = textEmbeds && {
        textEmbeds: graph.input('text_embeds', textEmbeds.shape),
        timeIds: graph.input('time_ids', [batch, 6]),
      };
      const p = new Parameters(graph, weights, {
        weights: values,
        lora: lowRanks(values, learned?.loraScale ?? 1),
      });
      const prediction = unet2dCondition(p, config, {
        sample,
        timestep,
        encoderHiddenStates: hidden,
        bias,
        ...(added ? { added } : {}),
      });
      graph.output('prediction', prediction);
      return graph;
    });
    const constant: Record<string, Tensor> = {
      ...Object.fromEntries(overrides),
      ...groups,
      encoder_hidden_states: encoderHiddenStates,
      ...(textEmbeds ? { text_embeds: textEmbeds, time_ids: this.timeIds(batch, height, width) } : {}),
    };
    return (sample, timestep) => this.#predict(session, constant, { shape, data: sample }, timestep);
  }

  async #predict(
    session: Session,
    constant: Readonly<Record<string, Tensor>>,
    sample: Tensor,
    timestep: number,
  ): Promise<Float32Array> {
    const timesteps = new Float32Array(sample.shape[0]!).fill(timestep);
    const feeds = { ...constant, sample, timestep: { shape: [timesteps.length], data: timesteps } };
    return (await session.run(feeds, ['prediction'])).prediction.data;
  }

  /** SDXL's original size, crop corner and target size (arXiv 2307.01952, section 2.2). */
  timeIds(batch: number, height: number, width: number): Tensor {
    const [h, w] = [height * this.factor, width * this.factor];
    return {
      shape: [batch, 6],
      data: Float32Array.from(Array.from({ length: batch }, () => [h, w, 0, 0, h, w]).flat()),
    };
  }

  #tokenize(
    tokenizer: Checkpoint['textEncoders'][number]['tokenizer'],
    prompt: string,
    vocabulary: number,
    learned?: Learned,
  ): number[] {
    const parts = prompt.split(PLACEHOLDER);
    const options = { maxLength: this.promptLength };
    if (parts.length === 1) return [...tokenizer.encode(prompt, options).ids];
    if (!learned) throw new Error(`the prompt '${prompt}' names a learned item, but nothing was learned`);
    // words around the placeholders are encoded apart, as added tokens split the text in transformers
    const inner = parts.flatMap((part, i) => {
      if (i % 2 === 0) return tokenizer.encodeWords(part);
      const first = vocabulary + Number(part) * learned.tokensPerItem;
      return Array.from({ length: learned.tokensPerItem }, (_, k) => first + k);
    });
    return tokenizer.frame(inner, options);
  }
}

const PLACEHOLDER = /<item-(\d+)>/;

/** How a prompt names the learned tokens of an item (0-based). */
export const placeholder = (item: number): string => `<item-${item}>`;
