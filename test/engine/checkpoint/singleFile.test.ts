import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { autoencoderConfig } from '../../../src/engine/checkpoint/config/autoencoder.js';
import { clipTextConfig } from '../../../src/engine/checkpoint/config/clip.js';
import { schedulerConfig } from '../../../src/engine/checkpoint/config/scheduler.js';
import { unetConfig } from '../../../src/engine/checkpoint/config/unet.js';
import { componentsOf } from '../../../src/engine/checkpoint/singleFile/components.js';
import { openClipNames } from '../../../src/engine/checkpoint/singleFile/names.js';
import { configsOf } from '../../../src/engine/checkpoint/singleFile/configs.js';
import type { TensorInfo } from '../../../src/engine/checkpoint/safetensors.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { sample } from '../../../src/engine/diffusion/sample.js';
import { makeSampler } from '../../../src/engine/diffusion/samplers/index.js';
import { scheduleOf } from '../../../src/engine/diffusion/schedules/index.js';
import { readHeader, readTensor } from '../../../src/engine/checkpoint/safetensors.js';
import { openSingleFile } from '../../../src/engine/checkpoint/singleFile/open.js';
import { loadTokenizer } from '../../../src/engine/checkpoint/tokenizer.js';
import { ComponentWeights } from '../../../src/engine/checkpoint/weights.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

interface Family {
  /** Shapes of the tensors in the one file. */
  readonly file: Record<string, readonly number[]>;
  /** "component.name" as diffusers has it -> the name in the file. */
  readonly pairs: Record<string, string>;
  readonly components: Record<string, Record<string, readonly number[]>>;
}

/** The other side is training/reference/single_file_fixtures.py: diffusers' own converters. */
const oracle = JSON.parse(
  gunzipSync(readFileSync(join(FIXTURES, 'single-file', 'names.json.gz'))).toString(),
) as Record<'sd15' | 'sd21' | 'sdxl', Family>;

function tensorsOf(file: Family['file']): Map<string, TensorInfo> {
  let offset = 0;
  return new Map(
    Object.entries(file).map(([name, shape]) => {
      const length = shape.reduce((n, d) => n * d, 2);
      const tensor = { name, shape, dtype: 'F16' as const, file: 'model.safetensors', offset, length };
      offset += length;
      return [name, tensor];
    }),
  );
}

describe.each(['sd15', 'sd21', 'sdxl'] as const)('%s in one file', (family) => {
  const { file, pairs, components } = oracle[family];
  const tensors = tensorsOf(file);
  const found = componentsOf('model.safetensors', tensors);

  it('has every tensor where diffusers puts it', () => {
    for (const [full, from] of Object.entries(pairs)) {
      const [, component, name] = /^(\w+?)\.(.+)$/.exec(full) as unknown as [string, 'unet' | 'vae', string];
      expect(found[component].get(name)?.offset, full).toBe(tensors.get(from)!.offset);
    }
  });

  it('has every tensor that diffusers has, in its shape', () => {
    for (const [component, wanted] of Object.entries(components)) {
      const have = found[component as 'text_encoder'];
      for (const [name, shape] of Object.entries(wanted)) {
        // linear layers of old autoencoders are 1x1 convolutions in the file
        expect(have.get(name)?.shape.join().replace(/,1,1$/, ''), `${component} ${name}`).toBe(
          shape.join().replace(/,1,1$/, ''),
        );
      }
    }
  });

  it('says of itself what its configs say on the Hub', () => {
    const { unet, vae, text_encoder, text_encoder_2, scheduler } = configsOf(found);
    const sizes = { sd15: 64, sd21: 96, sdxl: 128 };
    const config = unetConfig('unet', unet);
    expect(config).toMatchObject({
      sample_size: sizes[family],
      in_channels: 4,
      block_out_channels: family === 'sdxl' ? [320, 640, 1280] : [320, 640, 1280, 1280],
      layers_per_block: 2,
      cross_attention_dim: { sd15: 768, sd21: 1024, sdxl: 2048 }[family],
      attention_head_dim: { sd15: 8, sd21: [5, 10, 20, 20], sdxl: [5, 10, 20] }[family],
      use_linear_projection: family !== 'sd15',
      transformer_layers_per_block: family === 'sdxl' ? [1, 2, 10] : [1, 1, 1, 1],
    });
    const added = [
      'addition_embed_type',
      'addition_time_embed_dim',
      'projection_class_embeddings_input_dim',
    ] as const;
    const wanted = family === 'sdxl' ? ['text_time', 256, 2816] : [undefined, undefined, undefined];
    expect(added.map((name) => config[name])).toEqual(wanted);
    expect(autoencoderConfig('vae', vae)).toMatchObject({
      block_out_channels: [128, 256, 512, 512],
      layers_per_block: 2,
      latent_channels: 4,
      scaling_factor: family === 'sdxl' ? 0.13025 : 0.18215,
    });
    expect(clipTextConfig('text', text_encoder)).toMatchObject({
      hidden_act: family === 'sd21' ? 'gelu' : 'quick_gelu',
      num_hidden_layers: family === 'sd21' ? 23 : 12,
      num_attention_heads: family === 'sd21' ? 16 : 12,
      max_position_embeddings: 77,
      eos_token_id: 49407,
    });
    if (family === 'sdxl')
      expect(clipTextConfig('text', text_encoder_2!)).toMatchObject({
        num_hidden_layers: 32,
        num_attention_heads: 20,
        projection_dim: 1280,
        hidden_act: 'gelu',
      });
    expect(scheduler.prediction_type).toBe(family === 'sd21' ? 'v_prediction' : 'epsilon');
  });
});

describe('what a file says of itself', () => {
  const components = componentsOf('model.safetensors', tensorsOf(oracle.sdxl.file));
  const empty = (...names: string[]) => new Map(names.map((name) => [name, [] as number[]]));
  it('v-prediction by metadata or by an empty tensor, zero terminal SNR, another size', () => {
    const marked = configsOf(components, { tensors: empty('v_pred', 'ztsnr') }).scheduler;
    expect(marked).toMatchObject({ prediction_type: 'v_prediction', rescale_betas_zero_snr: true });
    const said = configsOf(components, {
      metadata: { 'modelspec.prediction_type': 'v', 'modelspec.resolution': '768x768' },
    });
    expect(said.scheduler.prediction_type).toBe('v_prediction');
    expect(said.unet.sample_size).toBe(96);
  });

  it.each(['time_embed', 'time_embedding'])("LCM's UNets hear guidance: %s.cond_proj", (embedding) => {
    const name = `model.diffusion_model.${embedding}.cond_proj.weight`;
    const found = componentsOf('lcm.safetensors', tensorsOf({ ...oracle.sd15.file, [name]: [320, 256] }));
    expect(found.unet.get('time_embedding.cond_proj.weight')?.shape).toEqual([320, 256]);
    expect(unetConfig('unet', configsOf(found).unet).time_cond_proj_dim).toBe(256);
    expect(unetConfig('unet', configsOf(components).unet).time_cond_proj_dim).toBeUndefined();
  });

  it('noise by its sigma: Playground 2.5 with statistics of its latents, CosXL', () => {
    const [mean, std] = [
      [-1, 2, 1, -0.5],
      [8, 9, 6, 7],
    ];
    const playground = configsOf(components, {
      tensors: new Map(Object.entries({ edm_mean: mean, edm_std: std })),
    });
    expect(schedulerConfig('scheduler', playground.scheduler)).toMatchObject({
      noise: 'edm',
      sigma_data: 0.5,
    });
    expect(autoencoderConfig('vae', playground.vae)).toMatchObject({
      ...{ latents_mean: mean, latents_std: std, scaling_factor: 0.5 },
    });
    const cosxl = configsOf(components, { tensors: new Map([['edm_vpred.sigma_max', [120]]]) });
    expect(schedulerConfig('scheduler', cosxl.scheduler)).toMatchObject({
      ...{ noise: 'edm', sigma_data: 1, sigma_max: 120, prediction_type: 'v_prediction' },
    });
  });
});

describe('files that are no whole checkpoint', () => {
  const only = (...names: string[]): Map<string, TensorInfo> =>
    tensorsOf(Object.fromEntries(names.map((name) => [name, [1]])));
  it.each([
    ['a LoRA', only('lora_unet_down_blocks_0.lora_down.weight'), 'is a LoRA'],
    ['a LoRA of PEFT', only('unet.down_blocks.0.attn1.to_q.lora_A.weight'), 'is a LoRA'],
    ['SD 3', only('model.diffusion_model.joint_blocks.0.x'), 'is Stable Diffusion 3'],
    ['Flux', only('double_blocks.0.img_attn.proj.weight'), 'is Flux'],
    [
      'the refiner',
      only('model.diffusion_model.out.2.weight', 'conditioner.embedders.0.model.ln_final.weight'),
      "SDXL's refiner",
    ],
    ['an autoencoder', only('first_stage_model.encoder.conv_in.weight'), 'only an autoencoder'],
    ['a UNet alone', only('model.diffusion_model.out.2.weight'), 'has no text encoder'],
    [
      'no autoencoder',
      only(
        'model.diffusion_model.out.2.weight',
        'cond_stage_model.transformer.text_model.embeddings.position_ids',
      ),
      'has no autoencoder in it',
    ],
    ['something else', only('a'), 'is no checkpoint that dedit knows'],
  ])('%s', (_, tensors, message) => {
    expect(() => componentsOf('file.safetensors', tensors)).toThrow(message);
  });
});

it('cuts and turns what open_clip fused and laid otherwise, as diffusers does', () => {
  const file = join(FIXTURES, 'single-file', 'open-clip.safetensors');
  const placed = new Map(
    [...readHeader(file)]
      .map(([name, tensor]) => [name, tensor] as const)
      .flatMap(([name, tensor]) => {
        const renamed = openClipNames(name.replace('conditioner.embedders.1.model.', ''));
        return renamed.map(({ name: to, part, transposed }) => {
          const [rows, ...rest] = tensor.shape as [number, ...number[]];
          const length = tensor.length / (part?.of ?? 1);
          const shape = transposed ? [rest[0]!, rows] : [rows / (part?.of ?? 1), ...rest];
          return [
            to,
            {
              ...tensor,
              name: to,
              shape,
              length,
              offset: tensor.offset + (part?.index ?? 0) * length,
              ...(transposed ? { transposed } : {}),
            },
          ] as const;
        });
      }),
  );
  const weights = ComponentWeights.of('text_encoder_2', file, placed, temporaryFolder());
  const wanted = readHeader(join(FIXTURES, 'single-file', 'open-clip.converted.safetensors'));
  for (const [name, tensor] of wanted) expect(weights.read(name), name).toEqual(readTensor(tensor));
});

it("draws what diffusers' from_single_file draws", async () => {
  const io = readFixture('single-file/io.safetensors');
  const checkpoint = openSingleFile(join(FIXTURES, 'single-file', 'tiny.safetensors'), {
    cacheDir: temporaryFolder(),
    tokenizer: join(FIXTURES, 'tiny-sd', 'tokenizer'),
  });
  const pipeline = new Pipeline(checkpoint);
  const [empty, apple] = [await pipeline.encodePrompts(['']), await pipeline.encodePrompts(['a red apple'])];
  const size = { height: 16, width: 16 };
  const denoise = await pipeline.predictor({
    ...size,
    rows: [empty, apple],
    groups: pipeline.groups(['ordinary', 'ordinary'], size, 1),
  });
  const latents = await sample(pipeline, {
    sampler: makeSampler('ddim', scheduleOf(checkpoint.scheduler), 4),
    guidanceScale: 3,
    noise: io['in.noise']!.data,
    stepNoise: () => {
      throw new Error('DDIM adds no noise');
    },
    denoise,
  });
  expect(relativeError(latents, io['out.latents']!.data)).toBeLessThan(1e-3);
});

it("knows CLIP's own words without a tokenizer in the file", () => {
  const clip = loadTokenizer('checkpoints/clip');
  expect(clip.length).toBe(49_408);
  expect(clip.encode('a photo of a cat', { maxLength: 9 }).ids).toEqual([
    49406, 320, 1125, 539, 320, 2368, 49407, 49407, 49407,
  ]);
  expect(loadTokenizer('checkpoints/clip', '!').encode('cat', { maxLength: 5 }).ids).toEqual([
    49406, 2368, 49407, 0, 0,
  ]);
});
