import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autoencoderTinyConfig } from '../../../src/engine/checkpoint/config/autoencoder.js';
import { randomTaesd } from '../../../src/engine/bench/shapes.js';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { readHeader } from '../../../src/engine/checkpoint/safetensors.js';
import { ComponentWeights, WEIGHTS_ROOT } from '../../../src/engine/checkpoint/weights.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { decodeTiny, encodeTiny } from '../../../src/engine/models/autoencoderTiny.js';
import { Parameters } from '../../../src/engine/models/parameters.js';
import { Session } from '../../../src/engine/runtime/session.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is training/reference/tiny_autoencoder_fixture.py. */
const folder = join(FIXTURES, 'models', 'taesd');
const io = readFixture('models/taesd/io.safetensors');
const json = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;

describe('AutoencoderTiny against diffusers', () => {
  const config = autoencoderTinyConfig('config.json', json);
  const weights = ComponentWeights.open(folder, temporaryFolder());

  it('encodes and decodes the same', async () => {
    const graph = new Graph();
    const p = new Parameters(graph, weights);
    graph.output('latents_out', encodeTiny(p, config, graph.input('pixels', io['in.pixels']!.shape)));
    graph.output('pixels_out', decodeTiny(p, config, graph.input('latents', io['in.latents']!.shape)));
    const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
    const out = await session.run({ pixels: io['in.pixels']!, latents: io['in.latents']! });
    expect(relativeError(out.latents_out!.data, io['out.latents']!.data)).toBeLessThan(1e-5);
    expect(relativeError(out.pixels_out!.data, io['out.pixels']!.data)).toBeLessThan(1e-5);
  });

  it("stands in for a checkpoint's own autoencoder", async () => {
    const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), {
      vae: folder,
      cacheDir: temporaryFolder(),
    });
    const { pictures } = new Pipeline(checkpoint);
    expect(pictures.factor).toBe(4);
    const { data } = await pictures.decode(io['in.latents']!);
    const wanted = io['out.pixels']!.data;
    const area = data.length / 3;
    for (let i = 0; i < area; i++)
      for (let c = 0; c < 3; c++) {
        const pixel = Math.min(255, Math.max(0, (wanted[c * area + i]! + 1) * 127.5));
        expect(Math.abs(data[i * 3 + c]! - pixel)).toBeLessThanOrEqual(0.51);
      }
  });

  it("is refused where its latents are not the denoiser's", () => {
    expect(() => openCheckpoint('checkpoints/pocket', { vae: folder, cacheDir: temporaryFolder() })).toThrow(
      "the VAE's latent_channels is 4",
    );
  });

  it('is written with random weights as diffusers has them, for benchmarks', () => {
    const names = [
      ...readHeader(join(randomTaesd(temporaryFolder()), 'diffusion_pytorch_model.safetensors')).keys(),
    ];
    expect(names).toHaveLength(134);
    const alone = names.filter(
      (name) => name.endsWith('weight') && !names.includes(name.replace('weight', 'bias')),
    );
    expect(alone.map((name) => name.replace('.layers', '').replace('.weight', ''))).toEqual([
      ...['encoder.2', 'encoder.6', 'encoder.10', 'decoder.6', 'decoder.11', 'decoder.16'],
    ]);
  });

  it.each([
    [{ act_fn: 'silu' }, 'act_fn is "silu"'],
    [{ upsampling_scaling_factor: 4 }, 'upsampling_scaling_factor is 4'],
    [{ num_encoder_blocks: [1] }, 'num_encoder_blocks is [1], but dedit supports one a block'],
  ])('refuses %j', (change, message) => {
    expect(() => autoencoderTinyConfig('config.json', { ...json, ...change })).toThrow(message);
  });
});
