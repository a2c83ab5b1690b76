import type { Checkpoint } from '../checkpoint/layout.js';
import { HostError, UserError } from '../errors.js';
import { autoencoderOf } from '../families/autoencoder.js';
import type { Denoiser, Encoded, Family, LatentSize } from '../families/family.js';
import { familyOf } from '../families/index.js';
import type { Learned } from '../families/learned.js';
import { Graph, type GraphOptions, type Value } from '../graph/graph.js';
import { mul, reduceSum } from '../graph/ops/index.js';
import { groupBias } from '../models/groupBias.js';
import { defaultBudget } from '../memory.js';
import { lowRanks } from '../models/lowRank.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import type { Device } from '../runtime/device.js';
import { keepAll } from '../runtime/resident.js';
import { SessionCache } from '../runtime/sessionCache.js';
import type { Feed, Resident, Tensor } from '../runtime/tensor.js';
import { groupInputs } from './groups.js';
import { Pictures } from './pictures.js';
import { Prompts } from './prompts.js';
import { type Safety, SafetyChecker } from './safety.js';

/** What a denoiser is asked: a row a branch, as guidance has two. */
export interface PredictorInputs extends LatentSize {
  /** All prompts of a row together, or no condition (zeros). */
  readonly rows: readonly (Encoded | undefined)[];
  /** `token_groups` and `pixel_groups_HxW` (see `Pipeline.groups`). */
  readonly groups: Readonly<Record<string, Tensor>>;
  readonly learned?: Learned | undefined;
  /** For denoisers that take guidance as a condition. */
  readonly guidance?: number | undefined;
  /** For denoisers that fill holes: what they are to fill; without it, everything (see `Pipeline.hole`). */
  readonly hole?: Tensor | undefined;
}

/** From scaled latents and timestep to the prediction, both [rows, C, h, w]. @throws HostError when that leaves halves' range */
export interface Predictor {
  (sample: Float32Array, timestep: number): Promise<Float32Array>;
  readonly shape: readonly number[];
  /** The same where the device computes: from one place to another, which is written over. */
  over(sample: Resident, timestep: number, prediction: Resident): Promise<void>;
  /** Lets go of what a GPU keeps for it: learned weights, the condition. */
  release(): void;
}

/** A pass of the autoencoder shares what the process may hold with the other models' sessions. */
const PICTURES_SHARE = 1 / 3;
/** What a GPU has no binding tells: a picture of about 600 pixels a side at once. */
const GPU_ROOM = 3e9;

/** Bytes that one pass of the autoencoder may take. */
const pictureRoom = (device: Device, budget: number): number =>
  device === 'cpu' ? PICTURES_SHARE * Math.min(budget, defaultBudget() * 2 ** 20) : GPU_ROOM;

/** The models of one checkpoint on one device, as plain functions from tensors to tensors. */
export class Pipeline {
  readonly sessions: SessionCache;
  readonly family: Family;
  readonly prompts: Prompts;
  readonly pictures: Pictures;
  /** What every drawing is shown to, where the checkpoint has it and nobody switched it off. */
  readonly safety: SafetyChecker | undefined;

  constructor(
    readonly checkpoint: Checkpoint,
    readonly device: Device = 'cpu',
    threads?: number,
    /** Bytes that the process may hold, beyond weights that are mapped. */
    readonly budget = Infinity,
    safety: Safety = 'on',
  ) {
    this.sessions = new SessionCache({ device, weightsRoot: checkpoint.weightsRoot, threads });
    this.family = familyOf(checkpoint);
    this.prompts = new Prompts(
      checkpoint.textEncoders,
      this.family.text,
      this.sessions,
      checkpoint.embeddings,
    );
    this.pictures = new Pictures(autoencoderOf(checkpoint.vae), this.sessions, pictureRoom(device, budget));
    const { safetyChecker } = checkpoint;
    if (safetyChecker && safety !== 'off')
      this.safety = new SafetyChecker(safetyChecker, this.sessions, safety);
  }

  /** Tokens of a prompt. */
  get promptLength(): number {
    return this.prompts.length;
  }

  /** Pixels a side of one latent cell. */
  get factor(): number {
    return this.pictures.factor;
  }

  /** Picture sides must be multiples of this. */
  get sideMultiple(): number {
    return this.factor * this.family.denoiser.multiple;
  }

  /** Sides in pixels of the square the checkpoint was trained on. */
  get nativeSide(): number {
    return this.family.denoiser.nativeCells * this.factor;
  }

  encodePicture(picture: Raster): Promise<Tensor> {
    return this.pictures.encode(picture);
  }

  decodeLatents(latents: Tensor): Promise<Raster> {
    return this.pictures.decode(latents);
  }

  /**
   * What denoisers that fill holes are told: a channel that is 1 where latents are drawn, and the latents of the picture
   * without these pixels, [1, 1 + C, h, w].
   * @param cells of the latents that are drawn; without a mask everything is
   */
  async hole(picture: Raster, mask?: Mask, cells?: Uint8Array): Promise<Tensor> {
    const { width, height } = picture;
    const everything = { width, height, data: new Uint8Array(width * height).fill(1) };
    const { shape, data } = await this.pictures.encode(picture, mask ?? everything);
    const [, channels, h, w] = shape as [number, number, number, number];
    const joined = new Float32Array((1 + channels) * h * w).fill(1, 0, h * w);
    if (cells) joined.set(cells);
    joined.set(data as Float32Array, h * w);
    return { shape: [1, 1 + channels, h, w], data: joined };
  }

  /** `hole` of everything, for latents of this size. */
  async wholeHole({ height, width }: LatentSize): Promise<Tensor> {
    const [w, h] = [width * this.factor, height * this.factor];
    return this.hole({ width: w, height: h, data: new Uint8Array(3 * w * h) });
  }

  encodePrompts(prompts: readonly string[], learned?: Learned): Promise<Encoded> {
    return this.prompts.encode(prompts, learned);
  }

  /**
   * What guidance leads away from: the empty prompt, or zeros where the checkpoint was trained with those.
   * @param tokens of each prompt it stands beside
   */
  async unconditional(tokens: number): Promise<Encoded | undefined> {
    return this.checkpoint.zerosForEmptyPrompt ? undefined : this.prompts.encode([''], undefined, tokens);
  }

  /**
   * Who listens to whom, a row each: items' cells to their own of `prompts`, or all cells to the first one.
   * @param length tokens of a prompt
   */
  groups(
    rows: readonly (LabelMap | 'ordinary')[],
    size: LatentSize,
    prompts: number,
    length = this.promptLength,
  ): Record<string, Tensor> {
    const grid = this.family.denoiser.attentionGrid(size);
    return groupInputs(rows, { grid, prompts, length });
  }

  /**
   * The denoiser with its condition. Its session is compiled once per shape; learned weights are inputs, so that every
   * session of the product shares it.
   * @throws UserError when the latents' sides do not suit the checkpoint
   */
  async predictor({
    rows,
    height,
    width,
    groups,
    learned,
    guidance = 1,
    hole,
  }: PredictorInputs): Promise<Predictor> {
    const { denoiser, text } = this.family;
    const { multiple, channels } = denoiser;
    if (height % multiple !== 0 || width % multiple !== 0) {
      throw new UserError(
        `latents of ${width}x${height} do not divide by ${multiple}: choose another picture size`,
      );
    }
    const condition = text.joinedFeeds(rows);
    const tokens = Math.max(...rows.map((row) => (row ? row.hidden.shape[0]! * row.hidden.shape[1]! : 0)));
    const shape = [rows.length, channels, height, width];
    const session = () =>
      this.sessions.get(predictorKey(shape, tokens, learned), (options) =>
        this.predictorGraph(shape, tokens, learned, options),
      );
    await session();
    const constant = await keepAll(this.device, {
      ...{ ...Object.fromEntries(learned?.weights ?? []), ...groups, ...condition },
      ...(denoiser.embedsGuidance && {
        guidance: { shape: [rows.length], data: new Float32Array(rows.length).fill(guidance) },
      }),
      ...(denoiser.fillsHoles && {
        hole: repeated(hole ?? (await this.wholeHole({ height, width })), rows.length),
      }),
    });
    const run = async (sample: Feed, timestep: number, into?: Record<string, Feed>) => {
      const timesteps = { shape: [rows.length], data: new Float32Array(rows.length).fill(timestep) };
      const feeds = { ...constant.feeds, sample, timestep: timesteps };
      const told = await (await session()).run(feeds, ['prediction', 'power'], into);
      if (denoiser.precision === 'half' && !Number.isFinite(told.power.data[0]))
        throw new HostError(
          `${this.checkpoint.name} leaves the range of half precision: compute with --precision full (PRECISION)`,
        );
      return told.prediction;
    };
    const predict = async (sample: Float32Array, timestep: number): Promise<Float32Array> =>
      (await run({ shape, data: sample }, timestep)).data;
    const over = async (sample: Resident, timestep: number, prediction: Resident): Promise<void> =>
      void (await run(sample, timestep, { prediction }));
    return Object.assign(predict, { shape, over, release: constant.release });
  }

  /**
   * The graph of `predictor`: latents of `shape`, `tokens` tokens a row. Outputs `prediction`, and its `power`, the sum of its
   * squares: a number that tells whether one of it is none, wherever the prediction stays.
   */
  predictorGraph(
    shape: readonly number[],
    tokens: number,
    learned: Learned | undefined,
    options: GraphOptions,
  ): Graph {
    const { denoiser, text } = this.family;
    const graph = new Graph(options);
    const batch = shape[0]!;
    const weights = new Map(
      [...(learned?.weights ?? [])].map(([name, t]) => [name, graph.input(name, t.shape)]),
    );
    const inputs = {
      sample: graph.input('sample', shape),
      timestep: graph.input('timestep', [batch]),
      condition: text.inputs(graph, batch, tokens),
      bias: groupBias(graph, batch, tokens),
      guidance: denoiser.embedsGuidance ? graph.input('guidance', [batch]) : undefined,
      hole: holeInput(graph, denoiser, shape),
    };
    const lora = lowRanks(weights, learned?.loraScale ?? 1);
    const prediction = graph.cast(denoiser.predict(graph, inputs, { weights, lora }), 'float32');
    graph.output('prediction', prediction);
    // rows first: a GPU's kernel goes over what becomes one number one by one
    graph.output('power', reduceSum(reduceSum(mul(prediction, prediction), [-1])));
    return graph;
  }
}

/** The input that denoisers which fill holes need, for latents of `shape`. */
export function holeInput(graph: Graph, denoiser: Denoiser, shape: readonly number[]): Value | undefined {
  return denoiser.fillsHoles ? graph.input('hole', shape.with(1, shape[1]! + 1)) : undefined;
}

/** The same rows `times` times. */
export function repeated({ shape, data }: Tensor, times: number): Tensor & { readonly data: Float32Array } {
  const all = new Float32Array(times * data.length);
  for (let i = 0; i < times; i++) all.set(data as Float32Array, i * data.length);
  return { shape: shape.with(0, times * shape[0]!), data: all };
}

/** Graphs differ by the shapes of what was learned, not by its values; where that is tokens alone, not at all. */
function predictorKey(shape: readonly number[], tokens: number, learned: Learned | undefined): string {
  const kind = [...(learned?.weights ?? [])].map(([name, t]) => `${name}[${t.shape}]`).join();
  return `denoise ${shape} ${tokens} ${kind && `${kind} ${learned!.loraScale}`}`;
}
