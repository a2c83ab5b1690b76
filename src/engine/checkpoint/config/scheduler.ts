import { z } from 'zod';
import { count, flag, type Json, number, oneOf, read, requireOnly } from './fields.js';

/** Schedulers whose config describes noise that the engine knows; the samplers are the engine's own. */
const DISCRETE =
  /^(DDIM|DDPM|PNDM|LMSDiscrete|EulerDiscrete|EulerAncestralDiscrete|HeunDiscrete|KDPM2\w*Discrete|DPMSolver\w+|DEISMultistep|UniPCMultistep|LCM|TCD)Scheduler$/;
const EDM = /^EDM(Euler|DPMSolverMultistep)Scheduler$/;
/** A schedule keeps a number for each. */
const MOST_TIMESTEPS = 100_000;
export const SPACINGS = ['linspace', 'leading', 'trailing'] as const;

const WHAT = 'schedulers of discrete noise such as EulerDiscreteScheduler, and EDMEulerScheduler';
const KNOWN = new RegExp(`${DISCRETE.source}|${EDM.source}`);
const named = z.object({ _class_name: z.string(WHAT).regex(KNOWN, WHAT).default('DDIMScheduler') });

const common = z.object({
  num_train_timesteps: count(MOST_TIMESTEPS, 2).default(1000),
  prediction_type: oneOf(['epsilon', 'v_prediction']).default('epsilon'),
});

/** Fields and defaults as in diffusers' schedulers; two of them differ between its classes. */
const discrete = (name: string) =>
  common.extend({
    beta_start: number([0, 1]).default(0.0001),
    beta_end: number([0, 1]).default(0.02),
    beta_schedule: oneOf(['linear', 'scaled_linear']).default('linear'),
    timestep_spacing: oneOf(SPACINGS).default(/^(DDIM|DDPM|PNDM)/.test(name) ? 'leading' : 'linspace'),
    steps_offset: number().default(0),
    set_alpha_to_one: flag().default(/^(DDIM|LCM|TCD)/.test(name)),
    /** Trained with pure noise at the last timestep (zero terminal SNR). */
    rescale_betas_zero_snr: flag().default(false),
  });

/** Fields and defaults as in diffusers' EDM schedulers. */
const edm = common.extend({
  sigma_min: number([1e-6, 1]).default(0.002),
  sigma_max: number([1, 1e4]).default(80),
  /** Standard deviation of the latents that it was trained on. */
  sigma_data: number([1e-6, 1e4]).default(0.5),
  sigma_schedule: oneOf(['karras', 'exponential']).default('karras'),
  rho: number([1, 100]).default(7),
  algorithm_type: z.string().default('dpmsolver++'),
});

interface Named {
  /** The class the file names, as 'LCMScheduler': how its makers sample. */
  readonly class_name: string;
}

/** Noise that is mixed into the picture, timestep by timestep. */
export type DiscreteSchedulerConfig = Named & { readonly noise: 'discrete' } & Readonly<
    z.infer<ReturnType<typeof discrete>>
  >;
/** Noise that is added to the picture, by its σ. */
export type EdmSchedulerConfig = Named & { readonly noise: 'edm' } & Readonly<z.infer<typeof edm>>;
export type SchedulerConfig = DiscreteSchedulerConfig | EdmSchedulerConfig;

/** @throws HostError naming the field that the engine does not know */
export function schedulerConfig(file: string, json: Json): SchedulerConfig {
  requireOnly(file, json, { trained_betas: [], thresholding: [false], clip_sample: [false] });
  const { _class_name: class_name } = read(file, json, named);
  if (!EDM.test(class_name))
    return { ...read(file, json, discrete(class_name)), noise: 'discrete', class_name };
  requireOnly(file, json, { final_sigmas_type: ['zero'] });
  return { ...read(file, json, edm), noise: 'edm', class_name };
}
