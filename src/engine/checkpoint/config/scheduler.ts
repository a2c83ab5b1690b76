import { z } from 'zod';
import { count, flag, type Json, number, oneOf, read, requireOnly } from './fields.js';

/** Schedulers whose config describes the discrete noising that the engine knows; the samplers are the engine's own. */
const DISCRETE =
  /^(DDIM|DDPM|PNDM|LMSDiscrete|EulerDiscrete|EulerAncestralDiscrete|HeunDiscrete|KDPM2\w*Discrete|DPMSolver\w+|DEISMultistep|UniPCMultistep|LCM|TCD)Scheduler$/;
/** A schedule keeps a number for each. */
const MOST_TIMESTEPS = 100_000;
const SPACINGS = ['linspace', 'leading', 'trailing'] as const;

const WHAT = 'schedulers of discrete noise such as EulerDiscreteScheduler';
const named = z.object({ _class_name: z.string(WHAT).regex(DISCRETE, WHAT).default('DDIMScheduler') });

/** Fields and defaults as in diffusers' schedulers; two of them differ between its classes. */
const fields = (name: string) =>
  z.object({
    num_train_timesteps: count(MOST_TIMESTEPS).default(1000),
    beta_start: number([0, 1]).default(0.0001),
    beta_end: number([0, 1]).default(0.02),
    beta_schedule: oneOf(['linear', 'scaled_linear']).default('linear'),
    prediction_type: oneOf(['epsilon', 'v_prediction']).default('epsilon'),
    timestep_spacing: oneOf(SPACINGS).default(/^(DDIM|DDPM|PNDM)/.test(name) ? 'leading' : 'linspace'),
    steps_offset: number().default(0),
    set_alpha_to_one: flag().default(/^(DDIM|LCM|TCD)/.test(name)),
    /** Trained with pure noise at the last timestep (zero terminal SNR). */
    rescale_betas_zero_snr: flag().default(false),
  });

export type SchedulerConfig = Readonly<z.infer<ReturnType<typeof fields>>> & {
  /** The class the file names, as 'LCMScheduler': how its makers sample. */
  readonly class_name: string;
};

/** @throws UserError naming the field that the engine does not know */
export function schedulerConfig(file: string, json: Json): SchedulerConfig {
  requireOnly(file, json, { trained_betas: [], thresholding: [false], clip_sample: [false] });
  const { _class_name: class_name } = read(file, json, named);
  return { ...read(file, json, fields(class_name)), class_name };
}
