import type { Pipeline } from '../diffusion/pipeline.js';
import { newTokensInput } from '../diffusion/prompts.js';
import { type NoiseSchedule, scheduleOf } from '../diffusion/schedules/index.js';
import type { Learned } from '../families/learned.js';
import type { Session, Tensor } from '../runtime/session.js';
import { FRUGAL } from '../runtime/thrift.js';
import { initMoments, type Moments, type Tensors } from './adamw.js';
import { type Lesson, lessonOf, stepShape, type Subject, type TrainerOptions } from './lesson.js';
import { type Derived, LOSS_SCALE, LossScale } from './lossScale.js';
import { startValues, type Trainable, trainables } from './trainables.js';
import { lossGraph, slot, type StepShape, updateGraph } from './trainingGraphs.js';

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

/** One stage of fine-tuning, on one picture or on several that share what is learned. */
export class Trainer {
  readonly #parameters: readonly Trainable[];
  readonly #schedule: NoiseSchedule;
  #values: Tensors;
  #moments: Moments | undefined;
  #gradients: Tensors | undefined;
  /** Arrays of gradients that are added up: the next ones are written over them. */
  #spare: Tensors | undefined;
  #updates: number;
  /** Updates of this trainer's own: what it was given stays as it is, what it has made it writes over. */
  #own = 0;
  /** None where gradients are float32. */
  readonly #lossScale: LossScale | undefined;

  private constructor(
    private readonly pipeline: Pipeline,
    private readonly lessons: readonly Lesson[],
    private readonly start: Learned,
    private readonly options: TrainerOptions,
    private readonly shape: StepShape,
    state: TrainerState,
    private readonly update: Session,
  ) {
    this.#parameters = trainables(pipeline.family, shape);
    this.#schedule = scheduleOf(pipeline.checkpoint.scheduler);
    this.#values = state.values;
    this.#moments = state.moments;
    this.#gradients = state.gradients && copied(state.gradients);
    this.#updates = state.updates;
    if (pipeline.family.denoiser.precision === 'half') this.#lossScale = new LossScale(state.lossScale);
  }

  /** Compiles a stage's graphs. What `learned` holds stays as it is: results are new tensors. */
  static async open(
    pipeline: Pipeline,
    subjects: readonly Subject[],
    learned: Learned,
    options: TrainerOptions,
    state?: TrainerState,
  ): Promise<Trainer> {
    const { family, sessions } = pipeline;
    const lessons: Lesson[] = [];
    for (const subject of subjects) lessons.push(await lessonOf(pipeline, subject, learned, options));
    const shape = stepShape(pipeline, subjects[0]!, learned, options);
    const update = await sessions.compile(() => updateGraph(trainables(family, shape)), { thrift: FRUGAL });
    const from = state ?? {
      values: startValues(family, { ...shape, seed: options.seed }, learned),
      updates: 0,
    };
    return new Trainer(pipeline, lessons, learned, options, shape, from, update);
  }

  /** Further steps write over its arrays. */
  get state(): TrainerState {
    return {
      values: this.#values,
      moments: this.#moments,
      gradients: this.#gradients,
      updates: this.#updates,
      lossScale: this.#lossScale?.value,
    };
  }

  /** What has been learned so far, this stage's part replaced. */
  get learned(): Learned {
    const { stage, alpha, rank } = this.options;
    if (stage === 'tokens') return { ...this.start, newTokens: this.#values };
    return { ...this.start, weights: this.#values, loraScale: alpha / rank };
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
      const outputs = await this.#derive(micro, { ...constant, ...this.#fed(this.#values), ...feeds });
      loss += (outputs.loss!.data[0]! * microBatch) / batch;
      this.#accumulate(outputs, microBatch / batch / accumulation / (this.#lossScale?.value ?? 1));
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
      const all = { ...lesson.constant, ...this.#fed(this.#values), ...feeds, [LOSS_SCALE]: scalar(1) };
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

  /** Frees the native sessions; further steps throw. */
  async release(): Promise<void> {
    for (const { micro, judge } of this.lessons) {
      await micro.release();
      if (judge !== micro) await judge?.release();
    }
    await this.update.release();
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

  async #derive(micro: Session, feeds: Readonly<Record<string, Tensor>>): Promise<Derived> {
    const into = this.#over(this.#spare, (name) => slot('gradient', name));
    if (!this.#lossScale) return await micro.run(feeds, undefined, into);
    const gradients = this.#parameters.map(({ name }) => slot('gradient', name));
    return await this.#lossScale.derive(
      (scale) => micro.run({ ...feeds, ...scale }, undefined, into),
      gradients,
    );
  }

  /**
   * Tensors by the outputs that are to be written over them. New arrays each time wait for the garbage collector, at SD 1.5's
   * cross-attention half a gigabyte of them. Memory of a GPU's is its own matter.
   */
  #over(tensors: Tensors | undefined, output: (name: string) => string): Record<string, Tensor> {
    if (!tensors || this.pipeline.device !== 'cpu') return {};
    return Object.fromEntries([...tensors].map(([name, tensor]) => [output(name), tensor]));
  }

  #accumulate(outputs: Derived, weight: number): void {
    const found = new Map<string, Tensor>();
    for (const { name, shape } of this.#parameters) {
      const { data } = outputs[slot('gradient', name)]!;
      const sum = this.#gradients?.get(name)?.data as Float32Array | undefined;
      if (sum) for (let i = 0; i < data.length; i++) sum[i]! += weight * data[i]!;
      else for (let i = 0; i < data.length; i++) data[i]! *= weight;
      found.set(name, { shape, data });
    }
    // the first ones are the sum from now on
    if (this.#gradients) this.#spare = found;
    else [this.#gradients, this.#spare] = [found, undefined];
  }

  async #apply(): Promise<void> {
    const moments = (this.#moments ??= initMoments(this.#values));
    this.#updates += 1;
    const feeds: Record<string, Tensor> = {
      learning_rate: scalar(this.options.learningRate),
      update: scalar(this.#updates),
    };
    for (const { name } of this.#parameters) {
      feeds[slot('value', name)] = this.#values.get(name)!;
      feeds[slot('m', name)] = moments.m.get(name)!;
      feeds[slot('v', name)] = moments.v.get(name)!;
      feeds[slot('gradient', name)] = this.#gradients!.get(name)!;
    }
    const mine = this.#own++ > 0;
    const into = {
      ...this.#over(mine ? this.#values : undefined, (name) => `${slot('value', name)}'`),
      ...this.#over(mine ? moments.m : undefined, (name) => `${slot('m', name)}'`),
      ...this.#over(mine ? moments.v : undefined, (name) => `${slot('v', name)}'`),
    };
    const outputs = await this.update.run(feeds, undefined, into);
    const next = (kind: 'value' | 'm' | 'v'): Tensors =>
      new Map(this.#parameters.map(({ name }) => [name, outputs[`${slot(kind, name)}'`]!]));
    this.#values = next('value');
    this.#moments = { m: next('m'), v: next('v') };
    this.#spare ??= this.#gradients;
    this.#gradients = undefined;
  }

  /** Learned values under the names of the graph's inputs. */
  #fed(values: Tensors): Record<string, Tensor> {
    const input = this.shape.stage === 'tokens' ? newTokensInput : (name: string) => slot('value', name);
    return Object.fromEntries([...values].map(([name, tensor]) => [input(name), tensor]));
  }
}

const copied = (tensors: Tensors): Tensors =>
  new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));

const scalar = (x: number): Tensor => ({ shape: [], data: Float32Array.of(x) });
