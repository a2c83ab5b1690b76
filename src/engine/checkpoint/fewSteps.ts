import type { Recommended } from './config/recommended.js';

/**
 * How checkpoints and LoRAs are sampled that were distilled to few steps. Their files do not say it: sd-turbo and
 * sdxl-turbo are an Euler scheduler with trailing timesteps as others have, and a LoRA is two factors a layer. Their names
 * do, by their makers' convention, with the number of steps where there are several of a kind.
 */
interface Kind {
  readonly called: RegExp;
  /** The same of a LoRA, which may also be named after what it draws: lightning, a turbo engine. */
  readonly lora: RegExp;
  readonly sampled: Pick<Recommended, 'sampler' | 'steps' | 'guidance' | 'timestep_spacing'>;
}

/** The settings of their model cards, on huggingface.co. */
const KINDS: readonly Kind[] = [
  {
    // latent-consistency/lcm-lora-sdv1-5: LCMScheduler, 4 steps
    called: /(?<![a-z])lcm(?![a-z])/i,
    lora: /(?<![a-z])lcm(?![a-z])/i,
    sampled: { sampler: 'lcm', steps: 4, guidance: 1 },
  },
  {
    // h1t/TCD-SDXL-LoRA: TCDScheduler, 4 steps, guidance_scale=0, eta=0.3
    called: /(?<![a-z])tcd(?![a-z])/i,
    lora: /(?<![a-z])tcd(?![a-z])/i,
    sampled: { sampler: 'tcd', steps: 4, guidance: 1 },
  },
  {
    // ByteDance/SDXL-Lightning: Euler, trailing, guidance_scale=0
    called: /lightning/i,
    lora: /xl[-_ ]?lightning|lightning.*\d[-_ ]?step/i,
    sampled: { sampler: 'euler', steps: 4, guidance: 1, timestep_spacing: 'trailing' },
  },
  {
    // ByteDance/Hyper-SD's one step: TCDScheduler, guidance_scale=0
    called: /hyper[-_ ]?sd.*(?<!\d)1[-_ ]?step/i,
    lora: /hyper[-_ ]?sd.*(?<!\d)1[-_ ]?step/i,
    sampled: { sampler: 'tcd', steps: 1, guidance: 1 },
  },
  {
    // ByteDance/Hyper-SD: DDIM, trailing, guidance_scale=0
    called: /hyper[-_ ]?sd/i,
    lora: /hyper[-_ ]?sd/i,
    sampled: { sampler: 'ddim', steps: 4, guidance: 1, timestep_spacing: 'trailing' },
  },
  {
    // stabilityai/sd-turbo, sdxl-turbo: their schedulers are Euler and trailing; 1 to 4 steps, guidance_scale=0.0
    called: /turbo/i,
    lora: /(?:sd|xl)[-_ ]?turbo/i,
    sampled: { sampler: 'euler', steps: 4, guidance: 1, timestep_spacing: 'trailing' },
  },
];
/** Hyper-SD's LoRAs that keep guidance say so: their card asks for 5 to 8. */
const GUIDED = { called: /cfg/i, guidance: 5 };

/**
 * @param names what it is called: the last that says how it is sampled counts
 * @returns nothing where none does
 */
export function fewSteps(names: readonly string[], what: 'called' | 'lora'): Kind['sampled'] | undefined {
  for (const name of names.toReversed()) {
    const kind = KINDS.find((one) => one[what].test(name));
    if (!kind) continue;
    const steps = Number(/(\d+)[-_ ]?steps?(?![a-z])/i.exec(name)?.[1] ?? kind.sampled.steps);
    return { ...kind.sampled, steps, ...(GUIDED.called.test(name) && { guidance: GUIDED.guidance }) };
  }
  return undefined;
}
