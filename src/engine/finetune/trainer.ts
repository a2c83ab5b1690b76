import type { Pipeline } from '../diffusion/pipeline.js';
import { newTokensInput } from '../diffusion/prompts.js';
import { type NoiseSchedule, scheduleOf } from '../diffusion/schedules/index.js';
import type { Learned } from '../families/learned.js';
import type { Session } from '../runtime/session.js';
import type { Feed, Tensor } from '../runtime/tensor.js';
import { learningThrift } from '../runtime/thrift.js';
import { type Lesson, lessonOf, stepShape, type Subject, type TrainerOptions } from './lesson.js';
import { type Derived, LOSS_SCALE, LossScale } from './lossScale.js';
import { Optimizer, type OptimizerState } from './optimizer.js';
import { fedAs, toHost } from './residents.js';
import { startValues, trainables } from './trainables.js';
import { lossGraph, normGraph, slot, type StepShape } from './trainingGraphs.js';

/** Where a stage stands between two steps. */
export interface TrainerState extends OptimizerState {
  /** Where gradients are in halves (see LossScale). */
  readonly lossScale?: number | undefined;
}

/** One stage of fine-tuning, on one picture or on several that share what is learned. */
export class Trainer {
  readonly #schedule: NoiseSchedule;
  /** None where gradients are float32. */
  readonly #halves: { readonly lossScale: LossScale; readonly norm: Session } | undefined;

  private constructor(
    private readonly pipeline: Pipeline,
    private readonly lessons: readonly Lesson[],
    private readonly start: Learned,
    private readonly options: TrainerOptions,
    private readonly shape: StepShape,
    private readonly optimizer: Optimizer,
    halves: { readonly lossScale: LossScale; readonly norm: Session } | undefined,
  ) {
    this.#schedule = scheduleOf(pipeline.checkpoint.scheduler);
    this.#halves = halves;
  }

  /** Compiles a stage's graphs. What `learned` holds stays as it is; what `state` holds is the trainer's, to be written over. */
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
    const parameters = trainables(family, shape);
    const inHalves = family.denoiser.precision === 'half';
    const halves = inHalves
      ? {
          lossScale: new LossScale(state?.lossScale),
          norm: await sessions.compile(() => normGraph(parameters), learningThrift),
        }
      : undefined;
    const from = state ?? {
      values: startValues(family, { ...shape, seed: options.seed }, learned),
      updates: 0,
    };
    const optimizer = await Optimizer.open(pipeline, parameters, inHalves, from);
    return new Trainer(pipeline, lessons, learned, options, shape, optimizer, halves);
  }

  /** Where the stage stands. Further steps may write over its arrays. */
  async state(): Promise<TrainerState> {
    return { ...(await this.optimizer.state()), lossScale: this.#halves?.lossScale.value };
  }

  /** What has been learned so far, this stage's part replaced. */
  async learned(): Promise<Learned> {
    const { stage, alpha, rank } = this.options;
    const values = await toHost(this.optimizer.values);
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
      const all = { ...constant.feeds, ...this.#learned(), ...feeds };
      loss += ((await this.#derive(micro, all, microBatch / batch / accumulation)) * microBatch) / batch;
    }
    if (apply) await this.optimizer.apply(this.options.learningRate);
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
    return await sessions.compile((graph) => lossGraph(family, shape, graph), learningThrift);
  }

  /** Frees the native sessions and what resides for them; further steps throw. */
  async release(): Promise<void> {
    for (const { micro, judge, constant } of this.lessons) {
      constant.release();
      await micro.release();
      if (judge !== micro) await judge?.release();
    }
    await this.#halves?.norm.release();
    await this.optimizer.release();
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

  /**
   * Adds a micro-step's gradients to their sum.
   * @param share of its loss in that of an update
   * @returns the loss
   */
  async #derive(micro: Session, feeds: Readonly<Record<string, Feed>>, share: number): Promise<number> {
    const gradients = await this.optimizer.blank();
    const into = fedAs(gradients, (name) => slot('gradient', name));
    const run = (scale: number): Promise<Derived> =>
      micro.run({ ...feeds, [LOSS_SCALE]: scalar(scale) }, undefined, into);
    if (!this.#halves) {
      const { loss } = await run(share);
      await this.optimizer.add(gradients, 1);
      return loss!.data[0]!;
    }
    const { lossScale, norm } = this.#halves;
    const { loss } = await lossScale.derive(async (scale) => ({
      ...(await run(scale)),
      ...(await norm.run(into)),
    }));
    await this.optimizer.add(gradients, share / lossScale.value);
    return loss!.data[0]!;
  }

  /** Learned values under the names of the graph's inputs. */
  #learned(): Record<string, Feed> {
    const tokens = this.shape.stage === 'tokens';
    return fedAs(this.optimizer.values, tokens ? newTokensInput : (name) => slot('value', name));
  }
}

const scalar = (x: number): Tensor => ({ shape: [], data: Float32Array.of(x) });
