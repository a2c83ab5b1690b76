import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLora } from '../../../src/engine/checkpoint/lora/file.js';
import { loraKey } from '../../../src/engine/checkpoint/lora/names.js';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { writeSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is training/reference/lora_fixtures.py. */
const io = readFixture('lora/io.safetensors');
const file = (naming: string): string => join(FIXTURES, 'lora', `${naming}.safetensors`);

describe.each(['kohya', 'peft', 'old'])('a LoRA as %s names it', (naming) => {
  it('gives what diffusers computes at weight 0.7', async () => {
    const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), {
      cacheDir: temporaryFolder(),
      loras: [{ file: file(naming), weight: 0.7 }],
    });
    const pipeline = new Pipeline(checkpoint);
    const { hidden } = await pipeline.encodePrompts(['a red apple']);
    expect(relativeError(hidden.data as Float32Array, io[`out.${naming}.hidden`]!.data)).toBeLessThan(1e-4);
    const size = { height: 8, width: 8 };
    const denoise = await pipeline.predictor({
      ...size,
      rows: [{ hidden: io['in.hidden']! }],
      groups: pipeline.groups(['ordinary'], size, 1),
    });
    const prediction = await denoise(io['in.sample']!.data, 500);
    expect(relativeError(prediction, io[`out.${naming}.prediction`]!.data)).toBeLessThan(1e-4);
    // the file changes what is drawn at all
    expect(relativeError(prediction, io['out.none.prediction']!.data)).toBeGreaterThan(1e-2);
  });
});

it('finds the layers of SDXL LoRAs that were named after the original repository, as diffusers does', () => {
  const pairs = JSON.parse(readFileSync(join(FIXTURES, 'lora', 'sgm.json'), 'utf8')) as Record<
    string,
    string
  >;
  for (const [name, halfway] of Object.entries(pairs)) {
    // diffusers renames blocks first and what is in them later
    const wanted = halfway
      .replace(/^input_blocks/, 'down_blocks')
      .replace(/^output_blocks/, 'up_blocks')
      .replace(/^middle_block/, 'mid_block')
      .replace('in_layers_2', 'conv1')
      .replace('out_layers_3', 'conv2')
      .replace(/_op$/, '_conv');
    expect(loraKey(`lora_unet_${name}.lora_down.weight`, 2)?.layer).toBe(wanted);
  }
});

describe('files that cannot be added', () => {
  const made = (tensors: Record<string, number[]>): string => {
    const path = join(temporaryFolder(), 'x.safetensors');
    const data = (shape: number[]) => new Float32Array(shape.reduce((n, d) => n * d, 1));
    writeSafetensors(
      path,
      Object.fromEntries(
        Object.entries(tensors).map(([name, shape]) => [name, { shape, data: data(shape) }]),
      ),
    );
    return path;
  };
  const layer = 'lora_unet_mid_block_attentions_0_proj_in';
  it.each([
    ['a LoHa', { [`${layer}.hada_w1_a`]: [1] }, 'is a LoHa'],
    ['a DoRA', { [`${layer}.dora_scale`]: [1] }, 'is a DoRA'],
    ['nothing', { x: [1] }, 'holds no LoRA'],
    ['one half', { [`${layer}.lora_down.weight`]: [1, 2] }, 'half of'],
    [
      'two ranks',
      { [`${layer}.lora_down.weight`]: [1, 2], [`${layer}.lora_up.weight`]: [2, 3] },
      'ranks 1 and 3',
    ],
  ])('%s', (_, tensors, message) => {
    expect(() => readLora({ file: made(tensors), weight: 1 }, 1)).toThrow(message);
  });

  it('of another model, and of other sizes', () => {
    const open = (tensors: Record<string, number[]>) => () =>
      openCheckpoint(join(FIXTURES, 'tiny-sd'), {
        cacheDir: temporaryFolder(),
        loras: [{ file: made(tensors), weight: 1 }],
      });
    expect(open({ 'unet.no.such.lora_A.weight': [1, 2], 'unet.no.such.lora_B.weight': [2, 1] })).toThrow(
      'is a LoRA of another model: its unet no_such is not in this checkpoint',
    );
    const known = 'unet.down_blocks.0.attentions.0.proj_in';
    expect(open({ [`${known}.lora_A.weight`]: [1, 3], [`${known}.lora_B.weight`]: [2, 1] })).toThrow(
      'has other sizes here',
    );
    const garbage = join(temporaryFolder(), 'g.safetensors');
    writeFileSync(garbage, 'nothing');
    expect(() => readLora({ file: garbage, weight: 1 }, 1)).toThrow('not a whole safetensors file');
  });
});
