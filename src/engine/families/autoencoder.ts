import type { AutoencoderKLConfig } from '../checkpoint/config/autoencoder.js';
import type { Checkpoint } from '../checkpoint/layout.js';
import type { Graph, Value } from '../graph/graph.js';
import { add, div, mul, sub } from '../graph/ops/index.js';
import { decode, encode } from '../models/autoencoderKL.js';
import { decodeTiny, encodeTiny } from '../models/autoencoderTiny.js';
import { withParameters } from '../models/parameters.js';

/** Between pixels in ±1 and latents as the denoiser has them, whichever model does it. */
export interface Autoencoder {
  /** Pixels a side of one latent cell. */
  readonly factor: number;
  /** Of the latents. */
  readonly channels: number;
  /** [1, 3, H, W] -> [1, channels, H/f, W/f]: the distribution's mean where there is one. */
  encode(graph: Graph, pixels: Value): Value;
  /** [1, channels, h, w] -> [1, 3, f·h, f·w], about ±1. */
  decode(graph: Graph, latents: Value): Value;
}

/** The autoencoder of a checkpoint: a new class is a new branch here. */
export function autoencoderOf(vae: Checkpoint['vae']): Autoencoder {
  const { weights } = vae;
  if (vae.class_name === 'AutoencoderTiny') {
    const { config } = vae;
    return {
      factor: 2 ** (config.decoder_block_out_channels.length - 1),
      channels: config.latent_channels,
      encode: (graph, pixels) => withParameters(graph, weights, (p) => encodeTiny(p, config, pixels)),
      decode: (graph, latents) => withParameters(graph, weights, (p) => decodeTiny(p, config, latents)),
    };
  }
  const { config } = vae;
  return {
    factor: 2 ** (config.block_out_channels.length - 1),
    channels: config.latent_channels,
    encode: (graph, pixels) => {
      const { scale, shift } = scalesOf(graph, config);
      const { mean } = withParameters(graph, weights, (p) => encode(p, config, pixels));
      return div(sub(mean, shift), scale);
    },
    decode: (graph, latents) => {
      const { scale, shift } = scalesOf(graph, config);
      const own = add(mul(latents, scale), shift);
      return withParameters(graph, weights, (p) => decode(p, config, own));
    },
  };
}

/** The autoencoder's own latents are scale·z + shift of the denoiser's: numbers, or one a channel where they are known. */
function scalesOf(graph: Graph, config: AutoencoderKLConfig): { scale: Value; shift: Value } {
  const { scaling_factor: factor, shift_factor, latents_mean, latents_std } = config;
  if (!latents_mean || !latents_std)
    return { scale: graph.scalar(1 / factor), shift: graph.scalar(shift_factor ?? 0) };
  const perChannel = (values: readonly number[]): Value =>
    graph.constant(Float32Array.from(values), [1, values.length, 1, 1]);
  return { scale: perChannel(latents_std.map((std) => std / factor)), shift: perChannel(latents_mean) };
}
