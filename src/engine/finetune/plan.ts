import type { Pipeline } from '../diffusion/pipeline.js';
import { UserError } from '../errors.js';
import type { LatentSize } from '../families/family.js';
import { footprint } from '../graph/footprint.js';
import { bytesOf, type Memory, type MemoryNeed, shortage } from '../memory.js';
import { deviceMemory } from '../runtime/deviceMemory.js';
import { needOf } from '../runtime/room.js';
import { learningThrift } from '../runtime/thrift.js';
import { type StepOptions, stepShape, type Subject, type TrainerOptions } from './lesson.js';
import { trainables } from './trainables.js';
import { stepGraph } from './trainingGraphs.js';

/** How a stage goes about its memory. */
export interface TrainingPlan {
  readonly microBatch: number;
  readonly recompute: boolean;
  /** What the process will need, its weights included. */
  readonly bytes: number;
}

/** Node, ONNX Runtime and its graph before any tensor. */
const PROCESS = 300e6;
/** Values, AdamW's two moments, gradients and their sum. */
const SLOTS = 5;

/** What one stage needs with these rows in memory together. */
export function trainingNeed(
  pipeline: Pipeline,
  subject: Pick<Subject, 'latents' | 'items' | 'among'>,
  tokensPerItem: number,
  options: StepOptions & Pick<TrainerOptions, 'recompute'>,
): MemoryNeed {
  const shape = stepShape(pipeline, subject, { tokensPerItem }, options);
  const how = { recompute: options.recompute, onCpu: pipeline.device === 'cpu' };
  const found = footprint(stepGraph(pipeline.family, shape, how));
  const parameters = trainables(pipeline.family, shape).reduce(
    (sum, t) => sum + t.shape.reduce((a, b) => a * b, 1),
    0,
  );
  const { mapped, kept, working } = needOf(found, learningThrift(found));
  return { mapped, held: PROCESS + kept + working + SLOTS * 4 * parameters };
}

/** What a stage needs where memory is short: one row at a time, blocks computed again. */
export function leastTrainingNeed(
  pipeline: Pipeline,
  { height, width }: LatentSize,
  items: number,
  options: Omit<StepOptions, 'microBatch'> & { readonly tokensPerItem: number },
): MemoryNeed {
  const size = height * width * pipeline.family.denoiser.channels;
  const latents = {
    shape: [1, pipeline.family.denoiser.channels, height, width],
    data: new Float32Array(size),
  };
  const how = { ...options, microBatch: 1, recompute: true };
  return trainingNeed(pipeline, { latents, items }, options.tokensPerItem, how);
}

/**
 * The fastest way that fits: all rows of a step at once, then fewer at a time, then with blocks computed again for the
 * backward pass. What is learned is the same.
 * @param beside bytes that others are to have meanwhile, where no block has to be computed again for them
 * @throws UserError when nothing fits, saying what is needed and what would help
 */
export function planTraining(
  pipeline: Pipeline,
  subject: Pick<Subject, 'latents' | 'items' | 'among'>,
  tokensPerItem: number,
  options: Omit<TrainerOptions, 'microBatch' | 'recompute'>,
  memory: Memory,
  beside = 0,
): TrainingPlan {
  const sizes = Array.from({ length: options.batch }, (_, i) => options.batch - i).filter(
    (size) => options.batch % size === 0,
  );
  const all = [false, true].flatMap((recompute) => sizes.map((microBatch) => ({ microBatch, recompute })));
  const needs = new Map<(typeof all)[number], MemoryNeed>();
  const fits = (how: (typeof all)[number], there: Memory): boolean => {
    const need = needs.get(how) ?? trainingNeed(pipeline, subject, tokensPerItem, { ...options, ...how });
    needs.set(how, need);
    return !shortage(need, there);
  };
  const less = { free: memory.free - beside, budget: memory.budget - beside };
  const plan = all.find((how) => !how.recompute && fits(how, less)) ?? all.find((how) => fits(how, memory));
  if (plan) return { ...plan, bytes: bytesOf(needs.get(plan)!) };
  const least = [...needs.values()].reduce((a, b) => (b.held < a.held ? b : a));
  const help = options.stage === 'cross-attention' ? ', learn with --method lora' : '';
  throw new UserError(
    `learning this picture with ${pipeline.checkpoint.name} ${shortage(least, memory)}: close other programs${help}, or name a smaller checkpoint`,
  );
}

/** All rows of a step at once where the GPU has room for that, or one at a time with blocks computed again. */
export function planOnGpu(
  pipeline: Pipeline,
  subject: Pick<Subject, 'latents' | 'items' | 'among'>,
  tokensPerItem: number,
  options: Omit<TrainerOptions, 'microBatch' | 'recompute'>,
  memory = deviceMemory(),
): TrainingPlan {
  const [whole, least] = [
    { microBatch: options.batch, recompute: false },
    { microBatch: 1, recompute: true },
  ].map((how) => {
    const need = trainingNeed(pipeline, subject, tokensPerItem, { ...options, ...how });
    return { ...how, bytes: bytesOf(need) };
  }) as [TrainingPlan, TrainingPlan];
  return whole.bytes <= memory ? whole : least;
}
