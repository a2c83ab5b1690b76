import type { Sampler } from './samplers/index.js';

/** Which latents are generated; one weight a latent cell, 1 inside, row by row (see D-Edit's code, mask_hard, mask_soft). */
export interface Regions {
  /** Generated at every step. */
  readonly active: Uint8Array;
  /** Frozen for the first strength·N steps, then generated. All other cells are frozen throughout. */
  readonly soft: Uint8Array;
  readonly strength: number;
  /** The picture's own latents. */
  readonly original: Float32Array;
}

/** Latents to start from instead of pure noise (SDEdit, Meng et al. 2022): `amount` of the way back to noise, 0–1. */
export interface Start {
  readonly latents: Float32Array;
  readonly amount: number;
}

export interface SampleOptions {
  readonly sampler: Sampler;
  /** Model outputs with the condition and, for guidance, without, for latents scaled for the model. */
  readonly predict: (
    x: Float32Array,
    timestep: number,
  ) => Promise<{ cond: Float32Array; uncond?: Float32Array | undefined }>;
  /** 1 is no guidance: then `uncond` is not asked for. */
  readonly guidanceScale: number;
  /** Standard normal. */
  readonly noise: Float32Array;
  /** Standard normal numbers of their own for step i, for samplers that add noise on the way. */
  readonly stepNoise: (i: number) => Float32Array;
  readonly regions?: Regions | undefined;
  readonly from?: Start | undefined;
  readonly onStep?: ((done: number, of: number, x: Float32Array) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Noise to latents with classifier-free guidance (Ho & Salimans 2022).
 *
 * Frozen cells are put back after every step, at the noise level the latents have then (the paper's code takes the
 * level before the step, one too noisy) and with the very noise the run started from.
 * @throws the signal's reason when aborted between steps
 */
export async function sample(options: SampleOptions): Promise<Float32Array> {
  const { sampler, predict, guidanceScale, noise, stepNoise, regions, from, onStep, signal } = options;
  const steps = sampler.timesteps.length;
  const skipped = from ? steps - Math.max(1, Math.round(steps * Math.min(1, from.amount))) : 0;
  let x: Float32Array =
    from && skipped > 0
      ? sampler.noisyAfter(from.latents, noise, skipped - 1)
      : noise.map((v) => v * sampler.initNoiseSigma);
  for (const [i, timestep] of sampler.timesteps.entries()) {
    if (i < skipped) continue;
    signal?.throwIfAborted();
    const { uncond, cond } = await predict(sampler.scaleModelInput(x, i), timestep);
    const guided = uncond ? uncond.map((u, k) => u + guidanceScale * (cond[k]! - u)) : cond;
    x = sampler.step(guided, i, x, () => stepNoise(i));
    if (regions)
      freeze(x, regions, sampler.noisyAfter(regions.original, noise, i), i <= regions.strength * steps);
    await onStep?.(i + 1, steps, x);
  }
  return x;
}

function freeze(
  x: Float32Array,
  { active, soft }: Regions,
  original: Float32Array,
  softFrozen: boolean,
): void {
  const cells = active.length;
  for (let k = 0; k < x.length; k++) {
    const cell = k % cells;
    if (active[cell] || (soft[cell] && !softFrozen)) continue;
    x[k] = original[k]!;
  }
}
