import type { Value } from '../graph/graph.js';
import { concat, cos, mul, reshape, silu, sin } from '../graph/ops/index.js';
import type { Parameters } from './parameters.js';

interface SinusoidConfig {
  readonly width: number;
  readonly flipSinToCos: boolean;
  readonly freqShift: number;
}

/** diffusers' get_timestep_embedding: timesteps [N] -> [N, width]. */
export function timestepSinusoid(
  timesteps: Value,
  { width, flipSinToCos, freqShift }: SinusoidConfig,
): Value {
  const half = width / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) =>
    Math.exp((-Math.log(10000) * i) / (half - freqShift)),
  );
  const angles = mul(
    reshape(timesteps, [timesteps.shape[0]!, 1]),
    timesteps.graph.constant(frequencies, [1, half]),
  );
  const [s, c] = [sin(angles), cos(angles)];
  return concat(flipSinToCos ? [c, s] : [s, c], 1);
}

/** diffusers' TimestepEmbedding: linear, SiLU, linear. */
export const timestepEmbedding = (p: Parameters, x: Value, width: number): Value =>
  p.linear('linear_2', silu(p.linear('linear_1', x, width)), width);
