import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pictures } from '../../../src/engine/diffusion/pictures.js';
import { gaussians } from '../../../src/engine/diffusion/random.js';
import { autoencoderOf } from '../../../src/engine/families/autoencoder.js';
import { SessionCache } from '../../../src/engine/runtime/sessionCache.js';
import { FIXTURES, relativeError, temporaryFolder } from '../../fixtures.js';

/** (z − mean)·factor/std, as diffusers' StableDiffusionXLImg2ImgPipeline prepares latents, and back. */
it('latents with a mean and a deviation of their own are those without, moved and scaled channel by channel', async () => {
  const { vae, weightsRoot } = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
  if (vae.class_name !== 'AutoencoderKL') throw new Error('tiny-sd has another autoencoder now');
  const [mean, std, factor] = [[-1.6, 1.1, 0.3, -0.5], [8.4, 9.0, 6.4, 7.1], 0.5];
  const known = { ...vae.config, latents_mean: mean, latents_std: std, scaling_factor: factor };
  const sessions = () => new SessionCache({ device: 'cpu', weightsRoot, threads: 1 });
  const [plain, other] = [vae.config, known].map(
    (config) => new Pictures(autoencoderOf({ ...vae, config }), sessions()),
  ) as [Pictures, Pictures];
  const picture = { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, (_, i) => (i * 7) % 256) };
  const [a, b] = [await plain.encode(picture), await other.encode(picture)];
  const own = (z: ArrayLike<number>) =>
    Float32Array.from(z, (v, i) => {
      const channel = Math.floor(i / 64);
      return ((v / vae.config.scaling_factor - mean[channel]!) * factor) / std[channel]!;
    });
  expect(relativeError(b.data as Float32Array, own(a.data as Float32Array))).toBeLessThan(1e-5);
  const latents = gaussians(256, 3);
  const shape = [1, 4, 8, 8];
  const [c, d] = [
    await plain.decode({ shape, data: latents }),
    await other.decode({ shape, data: own(latents) }),
  ];
  // moved and back, a latent is rounded: a byte may fall to the other side
  expect(c.data.length).toBe(3072);
  expect(c.data.filter((byte, i) => byte !== d.data[i]).length).toBeLessThanOrEqual(3);
  expect(
    c.data.reduce((most, byte, i) => Math.max(most, Math.abs(byte - d.data[i]!)), 0),
  ).toBeLessThanOrEqual(1);
});
