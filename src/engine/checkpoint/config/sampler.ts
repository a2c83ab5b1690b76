/** The ways from noise to a picture that the engine has (diffusion/samplers). */
export const SAMPLER_NAMES = [
  'euler',
  'euler-ancestral',
  'ddim',
  'dpm++',
  'dpm++-sde',
  'lcm',
  'tcd',
] as const;
export type SamplerName = (typeof SAMPLER_NAMES)[number];
