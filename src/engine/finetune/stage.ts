import { breathe } from '../breathe.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { editNeed } from '../diffusion/footprints.js';
import { gaussians, integers } from '../diffusion/random.js';
import type { Learned } from '../families/learned.js';
import { shortage } from '../memory.js';
import type { Subject, TrainerOptions } from './lesson.js';
import type { AssociationCallbacks, AssociationOptions } from './options.js';
import { planOnGpu, planTraining, type TrainingPlan, trainingNeed } from './plan.js';
import { Probe } from './probe.js';
import { Trainer } from './trainer.js';

/** Learning leaves some of the free memory to everything else on the machine. */
const MEMORY_SHARE = 0.9;

/** What a stage goes on from. */
interface Start {
  readonly stage: 1 | 2;
  readonly learned: Learned;
  /** Micro-steps of the stages before. */
  readonly taken: number;
}

/**
 * One of the two stages: all its micro-steps, or as many as help.
 * @returns what was learned, and the micro-steps it took
 */
export async function runStage(
  pipeline: Pipeline,
  subjects: readonly Subject[],
  options: AssociationOptions,
  callbacks: AssociationCallbacks,
  { stage, learned, taken }: Start,
): Promise<{ learned: Learned; taken: number }> {
  const { onProgress, onInterrupted, signal, makeWay = breathe, resume } = callbacks;
  const { accumulation, batch, seed, method, stopsEarly } = options;
  // each picture is learned as long as it would be alone: in D-Edit's code every batch has both
  const steps = options.steps[stage - 1]! * subjects.length;
  if (steps === 0) return { learned, taken: 0 };
  const from = resume?.stage === stage ? resume : undefined;
  const what = {
    ...options,
    stage: stage === 1 ? ('tokens' as const) : method,
    learningRate: options.learningRates[stage - 1]!,
  };
  // frames of other proportions have as many cells: the one with most items takes most memory
  const largest = subjects.reduce((a, b) => (b.items > a.items ? b : a));
  const plan = await planFor(pipeline, largest, learned, what, callbacks.makeWay !== undefined);
  const trainer = await Trainer.open(pipeline, subjects, learned, { ...what, ...plan }, from?.trainer);
  const probe = stopsEarly ? new Probe(pipeline, trainer, subjects, what, steps, from?.probed) : undefined;
  const { num_train_timesteps: timestepCount } = pipeline.checkpoint.scheduler;
  try {
    let step = from?.step ?? 0;
    while (step < steps && !probe?.settled) {
      signal?.throwIfAborted();
      const which = step % subjects.length;
      const size = subjects[which]!.latents.data.length;
      const timesteps = integers(batch, timestepCount, seed, stage, step, 1);
      const noise = new Float32Array(batch * size);
      for (let row = 0; row < batch; row++)
        noise.set(gaussians(size, seed, stage, step, 2 + row), row * size);
      step += 1;
      const last = step === steps;
      const loss = await trainer.step(noise, timesteps, step % accumulation === 0 || last, which);
      if (!last) await probe?.after(step);
      onProgress?.({ stage, step, of: steps, loss });
      await makeWay();
      if (signal?.aborted)
        onInterrupted?.({
          ...{ stage, step, learned, taken },
          ...{ trainer: await trainer.state(), probed: probe?.losses ?? [] },
        });
    }
    return { learned: await trainer.learned(), taken: step };
  } finally {
    await trainer.release();
  }
}

/**
 * The plan for the memory that is free; other sessions make room when the stage cannot have all its rows at once.
 * @param makesWay whether something may be drawn meanwhile
 */
async function planFor(
  pipeline: Pipeline,
  subject: Subject,
  { tokensPerItem }: Learned,
  what: Omit<TrainerOptions, 'microBatch' | 'recompute'>,
  makesWay: boolean,
): Promise<TrainingPlan> {
  if (pipeline.device !== 'cpu') return planOnGpu(pipeline, subject, tokensPerItem, what);
  const whole = { ...what, microBatch: what.batch, recompute: false };
  const memory = () => ({ free: MEMORY_SHARE * process.availableMemory(), budget: pipeline.budget });
  if (shortage(trainingNeed(pipeline, subject, tokensPerItem, whole), memory()))
    await pipeline.sessions.clear();
  const [, , height, width] = subject.latents.shape as [number, number, number, number];
  const beside = makesWay ? editNeed(pipeline, { height, width }, subject.items).held : 0;
  return planTraining(pipeline, subject, tokensPerItem, what, memory(), beside);
}
