import { fileURLToPath } from 'node:url';

/** What training/judge fits: the judge of neighbouring regions, and the regression that tells people from other figures. */
export const JUDGE_WEIGHTS = fileURLToPath(
  new URL('../../../checkpoints/judge/model.safetensors', import.meta.url),
);
