import { keepAll } from '../runtime/resident.js';
import type { Tensor } from '../runtime/tensor.js';
import { repeated, type Pipeline, type Predictor } from './pipeline.js';
import type { Level, Sampler } from './samplers/index.js';
import { numbersOf, samplingGraph } from './samplingGraph.js';

/** Which latents are generated; one weight a latent cell, 1 inside, row by row (see D-Edit's code, mask_hard, mask_soft). */
export interface Regions {
  /** Generated at every step. */
  readonly active: Uint8Array;
  /** Frozen for the first strength·N steps, then generated. All other cells are frozen throughout. */
  readonly soft: Uint8Array;
  readonly strength: number;
  /** The picture's own latents, [C, h, w]. */
  readonly original: Float32Array;
}

/** Latents [C, h, w] to start from instead of pure noise (SDEdit, Meng et al. 2022): `amount` of the way back to noise, 0–1. */
export interface Start {
  readonly latents: Float32Array;
  readonly amount: number;
}

export interface SampleOptions {
  readonly sampler: Sampler;
  /** Of one row a picture or, for guidance, of all pictures without the condition and then all of them with it. */
  readonly denoise: Predictor;
  /** Of no meaning where there is one row a picture. */
  readonly guidanceScale: number;
  /** Standard normal, [pictures, C, h, w]. */
  readonly noise: Float32Array;
  /** As many standard normal numbers of their own for step i, for samplers that add noise on the way. */
  readonly stepNoise: (i: number) => Float32Array;
  readonly regions?: Regions | undefined;
  readonly from?: Start | undefined;
  /** @param latents tells them as they are until the next step, which may write over the array */
  readonly onStep?:
    ((done: number, of: number, latents: () => Promise<Float32Array>) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Noise to latents [pictures, C, h, w], which stay where the device computes from the first step to the last.
 *
 * Frozen cells are put back after every step, at the noise level the latents have then (the paper's code takes the
 * level before the step, one too noisy) and with the very noise the run started from.
 * @throws the signal's reason when aborted between steps
 */
export async function sample(
  { device, sessions }: Pipeline,
  { sampler, denoise, guidanceScale, noise, stepNoise, regions, from, onStep, signal }: SampleOptions,
): Promise<Float32Array> {
  const { steps, initNoiseSigma } = sampler;
  const skipped = from ? steps.length - Math.max(1, Math.round(steps.length * Math.min(1, from.amount))) : 0;
  const start =
    from && skipped > 0
      ? noisy(from.latents, noise, steps[skipped - 1]!.level)
      : noise.map((v) => v * initNoiseSigma);

  const [rows, ...size] = denoise.shape as [number, number, number, number];
  const pictures = noise.length / size.reduce((a, b) => a * b);
  const shape = [pictures, ...size];
  const kind = { shape, rows, freezes: regions !== undefined };
  const latents = (data: Float32Array = new Float32Array(noise.length)) => ({ shape, data });
  const { feeds, release } = await keepAll(device, {
    ...{ x: latents(start), spare: latents(), clean: latents(), before: latents() },
    seen: repeated(latents(start.map((v) => v * steps[skipped]!.denoiser.in)), rows / pictures),
    answer: repeated(latents(), rows / pictures),
    ...(regions ? freezing(regions, latents(noise)) : {}),
  });
  // each step reads two of these and writes over the two others
  let { x, spare, clean, before } = feeds;
  try {
    for (const [i, step] of steps.entries()) {
      if (i < skipped) continue;
      signal?.throwIfAborted();
      await denoise.over(feeds.seen, step.timestep, feeds.answer);
      const numbers = numbersOf(step, i === skipped, {
        guidance: guidanceScale,
        bound: regions && i <= regions.strength * steps.length ? SOFT : FROZEN,
        in: steps[i + 1]?.denoiser.in ?? 1,
      });
      const fresh = step.next.fresh ? latents(stepNoise(i)) : before;
      const session = await sessions.get(`sample ${JSON.stringify(kind)}`, (options) =>
        samplingGraph(kind, options),
      );
      await session.run({ ...feeds, ...numbers, x, before, fresh }, undefined, {
        after: spare,
        clean,
        seen: feeds.seen,
      });
      [x, spare, clean, before] = [spare, x, before, clean];
      await onStep?.(i + 1, steps.length, () => x.read());
    }
    return await x.read();
  } finally {
    release();
  }
}

/** Cells' freedom: frozen throughout, for the first steps, never. */
const [FROZEN, SOFT, ACTIVE] = [0, 1, 2];

/** What the graph is fed where cells freeze. */
function freezing({ active, soft, original }: Regions, noise: Tensor): Record<string, Tensor> {
  const shape = noise.shape.with(0, 1);
  const freedom = Float32Array.from(active, (drawn, k) => (drawn ? ACTIVE : soft[k] ? SOFT : FROZEN));
  return { freedom: { shape: shape.with(1, 1), data: freedom }, original: { shape, data: original }, noise };
}

const noisy = (x0: Float32Array, noise: Float32Array, { signal, noise: sigma }: Level): Float32Array =>
  noise.map((e, k) => signal * x0[k % x0.length]! + sigma * e);
