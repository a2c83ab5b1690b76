import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { HostError } from '../../../src/engine/errors.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

/** A copy of a tiny checkpoint with some fields of one of its JSON files changed. */
function altered(name: string, file: string, change: Readonly<Record<string, unknown>>): string {
  const dir = temporaryFolder();
  cpSync(join(FIXTURES, name), dir, { recursive: true });
  const path = join(dir, file);
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }));
  return dir;
}

const open = (dir: string) => openCheckpoint(dir, { cacheDir: temporaryFolder() });

describe('a checkpoint in diffusers layout', () => {
  it('opens as SD', () => {
    const { textEncoders, zerosForEmptyPrompt } = open(join(FIXTURES, 'tiny-sd'));
    expect(textEncoders.map((t) => t.name)).toEqual(['text_encoder']);
    expect(zerosForEmptyPrompt).toBe(false);
  });

  it('opens as SDXL: two encoders, sharded, in half precision', () => {
    const { textEncoders, unet, zerosForEmptyPrompt } = open(join(FIXTURES, 'tiny-sdxl'));
    expect(textEncoders.map((t) => t.name)).toEqual(['text_encoder', 'text_encoder_2']);
    expect(zerosForEmptyPrompt).toBe(true);
    expect(unet.config.addition_embed_type).toBe('text_time');
    expect(unet.weights.get('conv_in.weight').dtype).toBe('F32');
  });

  it('opens with the -Infinity that diffusers writes into its JSON', () => {
    const dir = altered('tiny-sd', join('scheduler', 'scheduler_config.json'), {
      _class_name: 'DPMSolverMultistepScheduler',
      lambda_min_clipped: 'HERE',
      note: 'no -Infinity "here"',
    });
    const file = join(dir, 'scheduler', 'scheduler_config.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"HERE"', '-Infinity'));
    expect(open(dir).scheduler.class_name).toBe('DPMSolverMultistepScheduler');
  });

  const index = 'model_index.json';
  const unet = join('unet', 'config.json');
  it.each<[string, string, Record<string, unknown>, string]>([
    [
      'tiny-sd',
      index,
      { unet: undefined, transformer: ['diffusers', 'SD3Transformer2DModel'] },
      'unet is missing, but dedit supports UNet2DConditionModel (SD 1.x, SD 2.x, SDXL)',
    ],
    [
      'tiny-sd',
      index,
      { vae: ['diffusers', 'AsymmetricAutoencoderKL'] },
      'vae is ["diffusers","AsymmetricAutoencoderKL"], but dedit supports AutoencoderKL or AutoencoderTiny (SD 1.x, SD 2.x, SDXL)',
    ],
    [
      'tiny-sdxl',
      index,
      { text_encoder: [null, null] },
      'text_encoder is [null,null], but dedit supports CLIPTextModel or CLIPTextModelWithProjection (SD 1.x, SD 2.x, SDXL)',
    ],
    [
      'tiny-sd',
      unet,
      { in_channels: 5 },
      "in_channels is 5, but the VAE's latent_channels is 4: dedit needs them equal",
    ],
    [
      'tiny-sd',
      unet,
      { cross_attention_dim: 24 },
      "cross_attention_dim is 24, but the text encoders' hidden_size is 16: dedit needs them equal",
    ],
    [
      'tiny-sdxl',
      index,
      { text_encoder_2: [null, null] },
      "cross_attention_dim is 16, but the text encoders' hidden_size is 8: dedit needs them equal",
    ],
    [
      'tiny-sdxl',
      unet,
      { addition_embed_type: null },
      'addition_embed_type is null, but there is a text_encoder_2',
    ],
    [
      'tiny-sdxl',
      unet,
      { projection_class_embeddings_input_dim: 61 },
      "projection_class_embeddings_input_dim is 61, but text_encoder_2's projection_dim and six time embeddings is 60: dedit needs them equal",
    ],
    [
      'tiny-sd',
      join('text_encoder', 'config.json'),
      { vocab_size: 900 },
      'vocab_size is 900, but its tokenizer has 913 tokens',
    ],
  ])('%s is refused with %s %j', (name, file, change, message) => {
    const dir = altered(name, file, change);
    // what a UNet lacks is found out in the UNet's file, wherever the change was made
    const named = message.startsWith('cross_attention_dim') ? unet : file;
    expect(() => open(dir)).toThrow(new HostError(`${join(dir, named)}: ${message}`));
  });

  it.each([
    [join('unet', 'config.json')],
    [join('scheduler', 'scheduler_config.json')],
    [join('text_encoder_2', 'config.json')],
    [join('tokenizer_2', 'vocab.json')],
  ])('says that %s is missing', (file) => {
    const dir = altered('tiny-sdxl', index, {});
    rmSync(join(dir, file));
    expect(() => open(dir)).toThrow(
      new HostError(`${join(dir, file)} is missing: a checkpoint in diffusers layout has it`),
    );
  });

  it.each([
    ['{', 'is not JSON: download it again'],
    ['null', 'is not an object: download it again'],
  ])('refuses a model_index.json that holds %s', (text, message) => {
    const dir = altered('tiny-sd', index, {});
    writeFileSync(join(dir, index), text);
    expect(() => open(dir)).toThrow(new HostError(`${join(dir, index)} ${message}`));
  });
});
