import type { Checkpoint } from '../checkpoint/layout.js';
import { autoencoderOf } from './autoencoder.js';
import { ClipTextModel } from './clipTextModel.js';
import type { Family } from './family.js';
import { type Added, UNetDenoiser } from './unetDenoiser.js';

/** The family of a checkpoint: a new backbone is a new branch here, and nothing else. */
export function familyOf(checkpoint: Checkpoint): Family {
  const text = new ClipTextModel(checkpoint.textEncoders);
  if (checkpoint.unet.config.addition_embed_type === undefined)
    return {
      name: 'Stable Diffusion',
      method: 'cross-attention',
      text,
      denoiser: new UNetDenoiser(checkpoint.unet),
    };
  const denoiser = new UNetDenoiser(checkpoint.unet, sizesAndText(checkpoint));
  return { name: 'Stable Diffusion XL', method: 'lora', text, denoiser };
}

/** SDXL's pooled text and its original size, crop corner and target size in pixels (arXiv 2307.01952, section 2.2). */
function sizesAndText({ vae }: Checkpoint): Added {
  const { factor } = autoencoderOf(vae);
  return (graph, { pooled }, sample) => {
    const [batch, , h, w] = sample.shape as [number, number, number, number];
    const ids = [h * factor, w * factor, 0, 0, h * factor, w * factor];
    const rows = Float32Array.from({ length: batch * ids.length }, (_, i) => ids[i % ids.length]!);
    return { textEmbeds: pooled!, timeIds: graph.constant(rows, [batch, ids.length]) };
  };
}
