import { holeInput } from '../diffusion/pipeline.js';
import { newTokenInputs } from '../diffusion/prompts.js';
import type { Condition, Family, LatentSize } from '../families/family.js';
import { gradients } from '../graph/gradients.js';
import { Graph, type GraphOptions, type Value } from '../graph/graph.js';
import { add, mul, reduceMean, reduceSum, sub } from '../graph/ops/index.js';
import { groupBias } from '../models/groupBias.js';
import { lowRanks } from '../models/lowRank.js';
import { updateAdamW } from './adamw.js';
import { GRADIENT_NORM, LOSS_SCALE } from './lossScale.js';
import { type Trainable, trainables, type TrainableShape } from './trainables.js';

export interface StepShape extends TrainableShape, LatentSize {
  /** Noised copies of the picture in one run. */
  readonly batch: number;
  /** Prompts (one an item) and tokens of each. */
  readonly prompts: number;
  readonly length: number;
  /** LoRA's alpha: its update counts alpha / rank. */
  readonly alpha: number;
  /** Whether cells count differently in the loss. */
  readonly weighted: boolean;
}

/** The input that tells how often each cell counts, [1, 1, h, w] with a mean of one. */
export const CELL_WEIGHT = 'cell_weight';

type SlotKind = 'value' | 'm' | 'v' | 'gradient' | 'sum';

/** Names of inputs and outputs that belong to one parameter. */
export const slot = (kind: SlotKind, parameter: string): string => `${kind}:${parameter}`;

/** Name of the output that takes an input's place. */
export const next = (kind: SlotKind, parameter: string): string => `${slot(kind, parameter)}'`;

/**
 * Forward, loss and backward of a micro-step: the inputs of `lossGraph`; outputs `loss` and each value's gradient, which are
 * those of the loss times another input: its share in an update, or what halves need (see LossScale).
 */
export function stepGraph(family: Family, shape: StepShape, options: GraphOptions): Graph {
  const { graph, loss, learned } = withLoss(family, shape, options);
  const names = [...learned.keys()];
  const derived = mul(loss, graph.input(LOSS_SCALE, []));
  for (const [i, gradient] of gradients(derived, [...learned.values()]).entries())
    graph.output(slot('gradient', names[i]!), gradient);
  return graph;
}

/**
 * Forward and loss alone, output `loss`.
 *
 * Loss: mean(w (ε_θ(x_t, t, prompts) − target)²), w 1 or `cell_weight`, with grouped cross-attention (arXiv 2403.04880, equations 3 and 4).
 * Inputs: `sample` (noised latents), `target` [B, C, h, w], `timestep` [B], the group inputs (see groupBias), the
 * prompts' token ids (stage 'tokens') or their joined condition (later stages, where the text does not change), and
 * the learned values.
 */
export const lossGraph = (family: Family, shape: StepShape, options: GraphOptions): Graph =>
  withLoss(family, shape, options).graph;

function withLoss(
  family: Family,
  shape: StepShape,
  options: GraphOptions,
): { graph: Graph; loss: Value; learned: ReadonlyMap<string, Value> } {
  const { stage, batch, height, width, prompts, length } = shape;
  const { denoiser, text } = family;
  const graph = new Graph(options);
  const size = [batch, denoiser.channels, height, width];
  const tokens = prompts * length;

  const learned = new Map<string, Value>();
  let condition: Condition;
  if (stage === 'tokens') {
    const rows = newTokenInputs(graph, text, shape.newTokens);
    for (const [encoder, value] of rows) learned.set(encoder, value);
    condition = text.joined(text.encode(graph, prompts, length, rows), batch);
  } else {
    for (const { name, shape: own } of trainables(family, shape))
      learned.set(name, graph.input(slot('value', name), own));
    condition = text.inputs(graph, batch, tokens);
  }
  const inputs = {
    sample: graph.input('sample', size),
    timestep: graph.input('timestep', [batch]),
    condition,
    bias: groupBias(graph, batch, tokens),
    hole: holeInput(graph, denoiser, size),
  };
  const lora = lowRanks(learned, shape.alpha / shape.rank);
  const prediction = denoiser.predict(graph, inputs, { weights: learned, lora });
  const error = sub(prediction, graph.input('target', size));
  const square = mul(error, error);
  const loss = reduceMean(
    shape.weighted ? mul(square, graph.input(CELL_WEIGHT, [1, 1, height, width])) : square,
  );
  graph.output('loss', loss);
  return { graph, loss, learned };
}

/** The square of all gradients' norm: an output of the step's own graph would have everything before it in another order. */
export function normGraph(parameters: readonly Trainable[]): Graph {
  const graph = new Graph();
  const squares = parameters.map(({ name, shape }) => {
    const gradient = graph.input(slot('gradient', name), shape);
    // rows first: a GPU's kernel goes over what becomes one number one by one
    return reduceSum(reduceSum(mul(gradient, gradient), [-1]));
  });
  graph.output(
    GRADIENT_NORM,
    squares.reduce((a, b) => add(a, b)),
  );
  return graph;
}

/** Adds gradients up: sum' = sum + gradient of each parameter, or kept·sum + weight·gradient of what is scaled. */
export function gatherGraph(parameters: readonly Trainable[], scaled: boolean): Graph {
  const graph = new Graph();
  const factors = scaled ? { kept: graph.input('kept', []), weight: graph.input('weight', []) } : undefined;
  for (const { name, shape } of parameters) {
    const sum = graph.input(slot('sum', name), shape);
    const gradient = graph.input(slot('gradient', name), shape);
    const [before, more] = factors
      ? [mul(sum, factors.kept), mul(gradient, factors.weight)]
      : [sum, gradient];
    graph.output(next('sum', name), add(before, more));
  }
  return graph;
}

/** One update of AdamW: `learning_rate`, `update` and each parameter's slots and gradient in, its slots out. */
export function updateGraph(parameters: readonly Trainable[]): Graph {
  const graph = new Graph();
  const input = (kind: SlotKind) =>
    new Map(parameters.map(({ name, shape }) => [name, graph.input(slot(kind, name), shape)]));
  const [values, m, v, derivatives] = [input('value'), input('m'), input('v'), input('gradient')];
  const slots = [...values].map(
    ([name, value]) => [name, { value, m: m.get(name)!, v: v.get(name)! }] as const,
  );
  const step = { update: graph.input('update', []), learningRate: graph.input('learning_rate', []) };
  for (const [name, updated] of updateAdamW(new Map(slots), derivatives, step)) {
    for (const kind of ['value', 'm', 'v'] as const) graph.output(next(kind, name), updated[kind]);
  }
  return graph;
}
