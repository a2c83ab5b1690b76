import type { Pipeline } from '../diffusion/pipeline.js';
import { newTokensInput } from '../diffusion/prompts.js';
import { type NoiseSchedule, scheduleOf } from '../diffusion/schedules/index.js';
import type { Learned } from '../families/learned.js';
import type { Session } from '../runtime/session.js';
import type { Feed, Tensor } from '../runtime/tensor.js';
import { FRUGAL } from '../runtime/thrift.js';
import type { Moments, Tensors } from './adamw.js';
import { type Lesson, lessonOf, stepShape, type Subject, type TrainerOptions } from './lesson.js';
import { type Derived, LOSS_SCALE, LossScale } from './lossScale.js';
import { blank, fedAs, releaseAll, reside, type Residents, toHost } from './residents.js';
import { startValues, type Trainable, trainables } from './trainables.js';
import {
  gatherGraph,
  lossGraph,
  next,
  normGraph,
  slot,
  type StepShape,
  updateGraph,
} from './trainingGraphs.js';

/** Where a stage stands between two steps. */
export interface TrainerState {
  readonly values: Tensors;
  /** None before the first update. */
  readonly moments?: Moments | undefined;
  /** Sums since the last update. */
  readonly gradients?: Tensors | undefined;
  readonly updates: number;
  /** Where gradients are in halves (see LossScale). */
  readonly lossScale?: number | undefined;
}

/** What a stage changes, where its device computes. */
interface Changing {
  readonly values: Residents;
  /** AdamW's, made with the first update. */
  m?: Residents | undefined;
  v?: Residents | undefined;
  /** Gradients since the last update. */
  sum?: Residents | undefined;
  /** What the next gradients are written over. */
  readonly spares: Residents[];
}

/** What an update is made with; what gradients in halves overflow by is asked of their norm. */
interface Updating {
  readonly norm: Session | undefined;
  readonly gather: Session;
  readonly update: Session;
}

/** One stage of fine-tuning, on one picture or on several that share what is learned. */
export class Trainer {
  readonly #parameters: readonly Trainable[];
  readonly #schedule: NoiseSchedule;
  #updates: number;
  /** None where gradients are float32. */
  readonly #lossScale: LossScale | undefined;

  private constructor(
    private readonly pipeline: Pipeline,
    private readonly lessons: readonly Lesson[],
    private readonly start: Learned,
    private readonly options: TrainerOptions,
    private readonly shape: StepShape,
    state: Pick<TrainerState, 'updates' | 'lossScale'>,
    private readonly own: Changing,
    private readonly updating: Updating,
  ) {
    this.#parameters = trainables(pipeline.family, shape);
    this.#schedule = scheduleOf(pipeline.checkpoint.scheduler);
    this.#updates = state.updates;
    if (pipeline.family.denoiser.precision === 'half') this.#lossScale = new LossScale(state.lossScale);
  }

  /** Compiles a stage's graphs. What `learned` and `state` hold stays as it is. */
  static async open(
    pipeline: Pipeline,
    subjects: readonly Subject[],
    learned: Learned,
    options: TrainerOptions,
    state?: TrainerState,
  ): Promise<Trainer> {
    const { family, sessions, device } = pipeline;
    const lessons: Lesson[] = [];
    for (const subject of subjects) lessons.push(await lessonOf(pipeline, subject, learned, options));
    const shape = stepShape(pipeline, subjects[0]!, learned, options);
    const compile = (graph: typeof updateGraph): Promise<Session> =>
      sessions.compile(() => graph(trainables(family, shape)), { thrift: FRUGAL });
    const updating = {
      norm: family.denoiser.precision === 'half' ? await compile(normGraph) : undefined,
      gather: await compile(gatherGraph),
      update: await compile(updateGraph),
    };
    const { values, moments, gradients, ...from } = state ?? {
      values: startValues(family, { ...shape, seed: options.seed }, learned),
      updates: 0,
    };
    const own = {
      values: await reside(device, values),
      m: moments && (await reside(device, moments.m)),
      v: moments && (await reside(device, moments.v)),
      sum: gradients && (await reside(device, gradients)),
      spares: [],
    };
    return new Trainer(pipeline, lessons, learned, options, shape, from, own, updating);
  }

  /** Where the stage stands. Further steps may write over its arrays. */
  async state(): Promise<TrainerState> {
    const { values, m, v, sum } = this.own;
    return {
      values: await toHost(values),
      moments: m && v && { m: await toHost(m), v: await toHost(v) },
      gradients: sum && (await toHost(sum)),
      updates: this.#updates,
      lossScale: this.#lossScale?.value,
    };
  }

  /** What has been learned so far, this stage's part replaced. */
  async learned(): Promise<Learned> {
    const { stage, alpha, rank } = this.options;
    const values = await toHost(this.own.values);
    if (stage === 'tokens') return { ...this.start, newTokens: values };
    return { ...this.start, weights: values, loraScale: alpha / rank };
  }

  /**
   * One step: the gradient for `batch` noised copies of the picture, and an update when `apply` says so.
   * @param noise [batch, C, h, w], standard normal
   * @param timesteps one a row
   * @param which of the pictures
   * @returns the loss before the step
   */
  async step(noise: Float32Array, timesteps: readonly number[], apply: boolean, which = 0): Promise<number> {
    const { batch, microBatch, accumulation } = this.options;
    const { subject, micro, constant } = this.lessons[which]!;
    const size = noise.length / batch;
    let loss = 0;
    for (let row = 0; row < batch; row += microBatch) {
      const rows = noise.subarray(row * size, (row + microBatch) * size);
      const feeds = this.#noised(subject, rows, timesteps.slice(row, row + microBatch));
      const gradients = this.own.spares.pop() ?? (await blank(this.pipeline.device, this.#parameters));
      const all = { ...constant.feeds, ...this.#learned(), ...feeds };
      const derived = await this.#derive(micro, all, gradients);
      loss += (derived.loss!.data[0]! * microBatch) / batch;
      await this.#gather(gradients, microBatch / batch / accumulation / (this.#lossScale?.value ?? 1));
    }
    if (apply) await this.#apply();
    return loss;
  }

  /**
   * The loss, and nothing learned from it.
   * @param noise [rows, C, h, w], standard normal; `microBatch` divides the rows
   * @param timesteps one a row
   * @param which of the pictures
   */
  async loss(noise: Float32Array, timesteps: readonly number[], which: number): Promise<number> {
    const { microBatch } = this.options;
    const lesson = this.lessons[which]!;
    lesson.judge ??= await this.#judge(lesson);
    const size = noise.length / timesteps.length;
    let loss = 0;
    for (let row = 0; row < timesteps.length; row += microBatch) {
      const rows = noise.subarray(row * size, (row + microBatch) * size);
      const feeds = this.#noised(lesson.subject, rows, timesteps.slice(row, row + microBatch));
      const all = { ...lesson.constant.feeds, ...this.#learned(), ...feeds, [LOSS_SCALE]: scalar(1) };
      const outputs = await lesson.judge.run(all, ['loss']);
      loss += (outputs.loss.data[0]! * microBatch) / timesteps.length;
    }
    return loss;
  }

  /**
   * Without gradients a run costs a third of a step's; weights are mapped once for both. A GPU would have them twice: where
   * it is short of memory the step itself tells its loss.
   */
  async #judge({ subject, micro }: Lesson): Promise<Session> {
    if (this.pipeline.device !== 'cpu' && this.options.recompute) return micro;
    const { family, sessions } = this.pipeline;
    const shape = stepShape(this.pipeline, subject, this.start, this.options);
    return await sessions.compile((graph) => lossGraph(family, shape, graph), { thrift: FRUGAL });
  }

  /** Frees the native sessions and what resides for them; further steps throw. */
  async release(): Promise<void> {
    const { values, m, v, sum, spares } = this.own;
    releaseAll(values, m, v, sum, ...spares);
    for (const { micro, judge, constant } of this.lessons) {
      constant.release();
      await micro.release();
      if (judge !== micro) await judge?.release();
    }
    for (const session of Object.values(this.updating)) await session?.release();
  }

  #noised({ latents }: Subject, noise: Float32Array, timesteps: readonly number[]): Record<string, Tensor> {
    const x0 = latents.data as Float32Array;
    const [sample, target] = [new Float32Array(noise.length), new Float32Array(noise.length)];
    for (const [row, t] of timesteps.entries()) {
      const own = noise.subarray(row * x0.length, (row + 1) * x0.length);
      sample.set(this.#schedule.addNoise(x0, own, t), row * x0.length);
      target.set(this.#schedule.target(x0, own, t), row * x0.length);
    }
    const shape = latents.shape.with(0, timesteps.length);
    return {
      sample: { shape, data: sample },
      target: { shape, data: target },
      timestep: {
        shape: [timesteps.length],
        data: Float32Array.from(timesteps, (t) => this.#schedule.timestep(t)),
      },
    };
  }

  async #derive(
    micro: Session,
    feeds: Readonly<Record<string, Feed>>,
    gradients: Residents,
  ): Promise<Derived> {
    const into = fedAs(gradients, (name) => slot('gradient', name));
    if (!this.#lossScale) return await micro.run(feeds, undefined, into);
    return await this.#lossScale.derive(async (scale) => ({
      ...(await micro.run({ ...feeds, ...scale }, undefined, into)),
      ...(await this.updating.norm!.run(into)),
    }));
  }

  /** Adds gradients to their sum; the first ones are the sum from now on. */
  async #gather(gradients: Residents, weight: number): Promise<void> {
    const { own } = this;
    const sum = own.sum ?? gradients;
    const feeds = {
      ...{ kept: scalar(own.sum ? 1 : 0), weight: scalar(weight) },
      ...fedAs(sum, (name) => slot('sum', name)),
      ...fedAs(gradients, (name) => slot('gradient', name)),
    };
    const into = fedAs(sum, (name) => next('sum', name));
    await this.updating.gather.run(feeds, undefined, into);
    if (own.sum) own.spares.push(gradients);
    else own.sum = gradients;
  }

  async #apply(): Promise<void> {
    const { own } = this;
    const { values } = own;
    const m = (own.m ??= await blank(this.pipeline.device, this.#parameters));
    const v = (own.v ??= await blank(this.pipeline.device, this.#parameters));
    const sum = own.sum!;
    this.#updates += 1;
    const feeds = {
      ...{ learning_rate: scalar(this.options.learningRate), update: scalar(this.#updates) },
      ...fedAs(values, (name) => slot('value', name)),
      ...fedAs(m, (name) => slot('m', name)),
      ...fedAs(v, (name) => slot('v', name)),
      ...fedAs(sum, (name) => slot('gradient', name)),
    };
    const into = {
      ...fedAs(values, (name) => next('value', name)),
      ...fedAs(m, (name) => next('m', name)),
      ...fedAs(v, (name) => next('v', name)),
    };
    await this.updating.update.run(feeds, undefined, into);
    own.spares.push(sum);
    own.sum = undefined;
  }

  /** Learned values under the names of the graph's inputs. */
  #learned(): Record<string, Feed> {
    const tokens = this.shape.stage === 'tokens';
    return fedAs(this.own.values, tokens ? newTokensInput : (name) => slot('value', name));
  }
}

const scalar = (x: number): Tensor => ({ shape: [], data: Float32Array.of(x) });
