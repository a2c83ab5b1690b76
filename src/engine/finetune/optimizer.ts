import type { Pipeline } from '../diffusion/pipeline.js';
import type { Graph } from '../graph/graph.js';
import type { Device } from '../runtime/device.js';
import type { Session } from '../runtime/session.js';
import type { Tensor } from '../runtime/tensor.js';
import { learningThrift } from '../runtime/thrift.js';
import type { Moments, Tensors } from './adamw.js';
import { blank, fedAs, releaseAll, reside, type Residents, toHost } from './residents.js';
import type { Trainable } from './trainables.js';
import { gatherGraph, next, slot, updateGraph } from './trainingGraphs.js';

/** Where what is learned stands between two steps. */
export interface OptimizerState {
  readonly values: Tensors;
  /** None before the first update. */
  readonly moments?: Moments | undefined;
  /** Sums since the last update. */
  readonly gradients?: Tensors | undefined;
  readonly updates: number;
}

/** What an optimizer changes, where its device computes. */
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

/** AdamW over all parameters of a stage, which stay where their device computes. */
export class Optimizer {
  private constructor(
    private readonly device: Device,
    private readonly parameters: readonly Trainable[],
    private readonly scaled: boolean,
    private readonly own: Changing,
    private readonly gather: Session,
    private readonly update: Session,
    private updates: number,
  ) {}

  /**
   * @param scaled whether gradients are of a loss that is scaled, and each time told by how much
   * @param state the optimizer's from now on, to be written over
   */
  static async open(
    { device, sessions }: Pipeline,
    parameters: readonly Trainable[],
    scaled: boolean,
    { values, moments, gradients, updates }: OptimizerState,
  ): Promise<Optimizer> {
    const compile = (graph: Graph): Promise<Session> => sessions.compile(() => graph, learningThrift);
    const gather = await compile(gatherGraph(parameters, scaled));
    const update = await compile(updateGraph(parameters));
    const own = {
      values: await reside(device, values),
      m: moments && (await reside(device, moments.m)),
      v: moments && (await reside(device, moments.v)),
      sum: gradients && (await reside(device, gradients)),
      spares: [],
    };
    return new Optimizer(device, parameters, scaled, own, gather, update, updates);
  }

  get values(): Residents {
    return this.own.values;
  }

  /** Further steps may write over its arrays. */
  async state(): Promise<OptimizerState> {
    const { values, m, v, sum } = this.own;
    return {
      values: await toHost(values),
      moments: m && v && { m: await toHost(m), v: await toHost(v) },
      gradients: sum && (await toHost(sum)),
      updates: this.updates,
    };
  }

  /** What a run is to write gradients over. */
  async blank(): Promise<Residents> {
    return this.own.spares.pop() ?? (await blank(this.device, this.parameters));
  }

  /**
   * Adds gradients to their sum; the first ones are the sum from now on.
   * @param gradients written over what `blank` gave
   * @param weight what they count, where they are scaled
   */
  async add(gradients: Residents, weight: number): Promise<void> {
    const { own } = this;
    const first = own.sum === undefined;
    const sum = (own.sum ??= gradients);
    if (!first || this.scaled) {
      const feeds = {
        ...(this.scaled ? { kept: scalar(first ? 0 : 1), weight: scalar(weight) } : {}),
        ...fedAs(sum, (name) => slot('sum', name)),
        ...fedAs(gradients, (name) => slot('gradient', name)),
      };
      await this.gather.run(
        feeds,
        undefined,
        fedAs(sum, (name) => next('sum', name)),
      );
    }
    if (!first) own.spares.push(gradients);
  }

  /** Updates the values by the gradients' sum, which begins anew. */
  async apply(learningRate: number): Promise<void> {
    const { own } = this;
    const { values } = own;
    const m = (own.m ??= await blank(this.device, this.parameters));
    const v = (own.v ??= await blank(this.device, this.parameters));
    const sum = own.sum!;
    this.updates += 1;
    const feeds = {
      ...{ learning_rate: scalar(learningRate), update: scalar(this.updates) },
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
    await this.update.run(feeds, undefined, into);
    own.spares.push(sum);
    own.sum = undefined;
  }

  /** Frees the native sessions and what resides; further steps throw. */
  async release(): Promise<void> {
    const { values, m, v, sum, spares } = this.own;
    releaseAll(values, m, v, sum, ...spares);
    await this.gather.release();
    await this.update.release();
  }
}

const scalar = (x: number): Tensor => ({ shape: [], data: Float32Array.of(x) });
