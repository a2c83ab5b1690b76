import { type Pipeline, repeated } from '../diffusion/pipeline.js';
import { placeholder } from '../diffusion/prompts.js';
import { GROUND } from '../edits/kind.js';
import type { LatentSize, LoraLayers } from '../families/family.js';
import type { Learned } from '../families/learned.js';
import { toGrid } from '../masks/grid.js';
import type { LabelMap } from '../raster.js';
import { type Kept, keepAll } from '../runtime/resident.js';
import type { Session, Tensor } from '../runtime/session.js';
import { learningThrift } from '../runtime/thrift.js';
import type { Stage } from './trainables.js';
import { CELL_WEIGHT, stepGraph, type StepShape } from './trainingGraphs.js';

/** A picture to learn, as the denoiser sees it. */
export interface Subject {
  /** [1, C, h, w] of the picture, at the model's resolution. */
  readonly latents: Tensor;
  readonly labels: LabelMap;
  readonly items: number;
  /** Which of all items that are learned its first one is; 0 where it is learned alone. */
  readonly first?: number;
  /** How many items are learned together; its own where it is learned alone. */
  readonly among?: number;
}

export interface TrainerOptions {
  readonly stage: Stage;
  /** Rows of noise of one step. */
  readonly batch: number;
  /** Rows that are in memory together; divides `batch`, and changes nothing but rounding. */
  readonly microBatch: number;
  /** Whether blocks are computed again for the backward pass rather than kept. */
  readonly recompute: boolean;
  /** Steps whose mean gradient makes one update. */
  readonly accumulation: number;
  readonly learningRate: number;
  /** See AssociationOptions. */
  readonly itemWeight: number;
  readonly rank: number;
  readonly layers: LoraLayers;
  readonly alpha: number;
  readonly seed: number;
}

/** What tells the shapes of a step's graph. */
export type StepOptions = Pick<
  TrainerOptions,
  'stage' | 'microBatch' | 'rank' | 'layers' | 'alpha' | 'itemWeight'
>;

/** What one picture's steps are made with. */
export interface Lesson {
  readonly subject: Subject;
  readonly micro: Session;
  /** Compiled when it is first asked. */
  judge?: Session;
  /** Feeds that no step changes, where the device computes. */
  readonly constant: Kept;
}

/** The picture's graph of a step, compiled, and what it is always fed. */
export async function lessonOf(
  pipeline: Pipeline,
  subject: Subject,
  learned: Learned,
  options: TrainerOptions,
): Promise<Lesson> {
  const { family, sessions } = pipeline;
  const shape = stepShape(pipeline, subject, learned, options);
  const constant = await keepAll(pipeline.device, await conditionFeeds(pipeline, subject, learned, options));
  const { recompute } = options;
  const micro = await sessions.compile(
    (graph) => stepGraph(family, shape, { ...graph, recompute }),
    learningThrift,
  );
  return { subject, micro, constant };
}

/** The shapes of one run. */
export function stepShape(
  { promptLength }: Pipeline,
  { latents, items, among = items }: Pick<Subject, 'latents' | 'items' | 'among'>,
  { tokensPerItem }: Pick<Learned, 'tokensPerItem'>,
  { stage, microBatch, rank, layers, alpha, itemWeight }: StepOptions,
): StepShape {
  const [, , height, width] = latents.shape as [number, number, number, number];
  const newTokens = among * tokensPerItem;
  return {
    stage,
    batch: microBatch,
    height,
    width,
    prompts: items,
    length: promptLength,
    newTokens,
    rank,
    layers,
    alpha,
    weighted: weighs(itemWeight),
  };
}

/** Whether the loss has weights: all ones are none. */
const weighs = (itemWeight: number): boolean => itemWeight !== 1;

/** How often a latent cell counts in the loss, to a mean of one: [1, 1, h, w]. */
function weightOf(labels: LabelMap, { height, width }: LatentSize, itemWeight: number): Tensor {
  const cells = Float32Array.from(toGrid(labels, width, height).data, (item) =>
    item === GROUND ? 1 : itemWeight,
  );
  const mean = cells.reduce((sum, w) => sum + w, 0) / cells.length;
  return { shape: [1, 1, height, width], data: cells.map((w) => w / mean) };
}

/** The items' groups and prompts, which no step changes: token ids while tokens are learned, hidden states after. */
async function conditionFeeds(
  pipeline: Pipeline,
  { latents, labels, items, first = 0 }: Subject,
  learned: Learned,
  { stage, microBatch, itemWeight }: TrainerOptions,
): Promise<Record<string, Tensor>> {
  const [, , height, width] = latents.shape as [number, number, number, number];
  const size = { height, width };
  const groups = {
    ...pipeline.groups(Array(microBatch).fill(labels), size, items),
    ...(weighs(itemWeight) && { [CELL_WEIGHT]: weightOf(labels, size, itemWeight) }),
    // nothing of the picture is given to what learns to draw it
    ...(pipeline.family.denoiser.fillsHoles && {
      hole: repeated(await pipeline.wholeHole(size), microBatch),
    }),
  };
  const prompts = Array.from({ length: items }, (_, i) => placeholder(first + i));
  if (stage === 'tokens') return { ...groups, ...pipeline.prompts.feeds(prompts, learned) };
  const encoded = await pipeline.prompts.encode(prompts, learned);
  return { ...groups, ...pipeline.family.text.joinedFeeds(Array(microBatch).fill(encoded)) };
}
