import type { DiscreteSchedule } from '../schedules/discrete.js';
import type { NoiseSchedule, Preconditioning, Walk } from '../schedules/schedule.js';

/**
 * One way to walk from noise to a picture, as numbers. Whatever a sampler does at a step, what it has afterwards is a sum
 * of what it had: so a step is what each counts, and one graph carries out any of them (see samplingGraph).
 */
export interface Sampler {
  /** Standard deviation of the latents the walk starts from. */
  readonly initNoiseSigma: number;
  readonly steps: readonly Step[];
}

/** At latents x, with x0 the clean ones that the denoiser's answer tells there. */
export interface Step {
  /** What the denoiser is told. */
  readonly timestep: number;
  /** What of x it sees, `in`·x, and x0 by its answer F, skip·x + out·F. */
  readonly denoiser: Preconditioning;
  readonly next: Next;
  /** x0 at the noise level the latents have *after* the step, which is what frozen cells are put back to. */
  readonly level: Level;
}

/** The latents after a step, in parts of what there is. */
export interface Next {
  readonly x: number;
  readonly clean: number;
  /** x0 of the step before; the first step that is taken has its own for it. */
  readonly before?: number;
  /** New standard normal numbers, which only stochastic samplers ask for. */
  readonly fresh?: number;
}

/** signal·x0 + noise·ε */
export interface Level {
  readonly signal: number;
  readonly noise: number;
}

/** A walk at x = x0 + σ·ε. @param next from one σ to the next one */
export const overSigmas = (
  schedule: NoiseSchedule,
  { sigmas, timesteps, start }: Walk,
  next: (from: number, to: number, i: number) => Next,
): Sampler => ({
  initNoiseSigma: start,
  steps: timesteps.map((timestep, i) => {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const level = { signal: 1, noise: to };
    return { timestep, denoiser: schedule.preconditioning(from), next: next(from, to, i), level };
  }),
});

/** A walk at latents of unit variance, √ᾱ·x0 + √(1 − ᾱ)·ε, over timesteps of discrete noise. */
export const overTimesteps = (
  schedule: DiscreteSchedule,
  timesteps: readonly number[],
  step: (t: number, i: number) => Pick<Step, 'next' | 'level'>,
): Sampler => ({
  initNoiseSigma: 1,
  steps: timesteps.map((t, i) => ({ timestep: t, denoiser: schedule.seen(t), ...step(t, i) })),
});

export const levelOf = (alpha: number): Level => ({ signal: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha) });
