import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { writeSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { placeholder } from '../../../src/engine/diffusion/prompts.js';
import { gaussians } from '../../../src/engine/diffusion/random.js';
import type { Learned } from '../../../src/engine/families/learned.js';
import { extractLora } from '../../../src/engine/finetune/extractLora.js';
import { saveLearned } from '../../../src/engine/finetune/learnedFiles.js';
import { trainables } from '../../../src/engine/finetune/trainables.js';
import { LORA_B } from '../../../src/engine/models/lowRank.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/**
 * What is written here and what diffusers computes with these very files: `io.safetensors` of training/reference/exchange_fixture.py.
 * DEDIT_WRITE_EXCHANGE=1 writes the files anew for it.
 */
const FOLDER = join(FIXTURES, 'exchange');
const PROMPTS = [placeholder(0), `a red ${placeholder(1)}`];
const [ITEMS, TOKENS, RANK] = [2, 2, 4];

const pipelineOf = (name: string) =>
  new Pipeline(openCheckpoint(join(FIXTURES, name), { cacheDir: temporaryFolder() }));

/** Random rows and LoRA of all its layers (alpha twice the rank), as if they had been learned. */
function learnedOf({ family }: Pipeline, stage: 'lora' | 'cross-attention'): Learned {
  const random = (shape: readonly number[], seed: number) => ({
    shape,
    data: gaussians(
      shape.reduce((a, b) => a * b, 1),
      17,
      seed,
    ).map((v) => v / 4),
  });
  const shape = { stage, newTokens: ITEMS * TOKENS, rank: RANK, layers: 'transformer' } as const;
  const weights = trainables(family, shape).map(({ name, shape: size }, k) => {
    const value = random(size, k);
    if (stage === 'cross-attention')
      value.data = value.data.map((v, i) => (family.denoiser.read(name).data[i] as number) + v);
    return [name, value] as const;
  });
  const rows = [...family.text.widths].map(
    ([encoder, width], k) => [encoder, random([ITEMS * TOKENS, width], 1000 + k)] as const,
  );
  const loraScale = stage === 'lora' ? 2 : 1;
  return {
    items: ITEMS,
    tokensPerItem: TOKENS,
    newTokens: new Map(rows),
    weights: new Map(weights),
    loraScale,
  };
}

/** The prediction for the noise of io.safetensors, each cell listening to the first prompt. */
async function drawn(
  pipeline: Pipeline,
  learned: Learned,
): Promise<{ hidden: Float32Array; out: Float32Array; pooled?: Float32Array }> {
  const { 'in.sample': sample } = readFixture('exchange/io.safetensors');
  const encoded = await pipeline.encodePrompts(PROMPTS, learned);
  const first = await pipeline.encodePrompts(PROMPTS.slice(0, 1), learned);
  const size = { height: 8, width: 8 };
  const groups = pipeline.groups(['ordinary'], size, 1);
  const denoise = await pipeline.predictor({ ...size, rows: [first], groups, learned });
  const out = await denoise(sample!.data, 500);
  const { hidden, pooled } = encoded;
  return {
    hidden: hidden.data as Float32Array,
    out,
    ...(pooled ? { pooled: pooled.data as Float32Array } : {}),
  };
}

describe.each(['tiny-sd', 'tiny-sdxl'])('what was learned with %s, in files', (name) => {
  const pipeline = pipelineOf(name);
  const whole = learnedOf(pipeline, 'cross-attention');
  const cases = {
    lora: learnedOf(pipeline, 'lora'),
    extracted: extractLora(whole, pipeline.family.denoiser, RANK).learned,
  };

  it.each(['lora', 'extracted'] as const)('gives in diffusers what it gives here: %s', async (kind) => {
    const learned = cases[kind];
    const [kept, made] = [join(FOLDER, `${name}-${kind}`), temporaryFolder()];
    if (process.env.DEDIT_WRITE_EXCHANGE) {
      mkdirSync(kept, { recursive: true });
      saveLearned(kept, learned, pipeline.checkpoint);
    }
    saveLearned(made, learned, pipeline.checkpoint);
    const files = ['item-1', 'item-2', 'pytorch_lora_weights'].map((file) => `${file}.safetensors`);
    for (const file of files)
      expect(readFileSync(join(made, file)).equals(readFileSync(join(kept, file))), file).toBe(true);
    const io = readFixture('exchange/io.safetensors');
    const found = await drawn(pipeline, learned);
    const wanted = (what: string) => io[`out.${name}-${kind}.${what}`]!.data;
    expect(relativeError(found.hidden, wanted('hidden'))).toBeLessThan(1e-5);
    expect(relativeError(found.out, wanted('prediction'))).toBeLessThan(1e-5);
    expect(found.pooled !== undefined).toBe(name === 'tiny-sdxl');
    if (found.pooled) expect(relativeError(found.pooled, wanted('pooled'))).toBeLessThan(1e-5);
    // alpha counts
    const half = await drawn(pipeline, { ...learned, loraScale: learned.loraScale / 2 });
    expect(relativeError(half.out, found.out)).toBeGreaterThan(1e-3);
  });

  it('is taken back as what others made: embeddings by name, a LoRA', async () => {
    const folder = join(FOLDER, `${name}-lora`);
    const checkpoint = openCheckpoint(join(FIXTURES, name), {
      cacheDir: temporaryFolder(),
      embeddings: [1, 2].map((item) => join(folder, `item-${item}.safetensors`)),
      loras: [{ file: join(folder, 'pytorch_lora_weights.safetensors'), weight: 1 }],
    });
    const theirs = new Pipeline(checkpoint);
    const { hidden, pooled } = await theirs.encodePrompts(['item-1', 'a red item-2']);
    const io = readFixture('exchange/io.safetensors');
    const wanted = (what: string) => io[`out.${name}-lora.${what}`]!.data;
    expect(relativeError(hidden.data as Float32Array, wanted('hidden'))).toBeLessThan(1e-5);
    if (pooled) expect(relativeError(pooled.data as Float32Array, wanted('pooled'))).toBeLessThan(1e-5);
    const size = { height: 8, width: 8 };
    const first = await theirs.encodePrompts(['item-1']);
    const denoise = await theirs.predictor({
      ...{ ...size, rows: [first] },
      groups: theirs.groups(['ordinary'], size, 1),
    });
    const out = await denoise(io['in.sample']!.data, 500);
    expect(relativeError(out, wanted('prediction'))).toBeLessThan(1e-5);
  });

  it('cross-attention as LoRA of full rank is itself, and of less the best there is', async () => {
    const { denoiser } = pipeline.family;
    if (process.env.DEDIT_WRITE_EXCHANGE) {
      const deltas = [...whole.weights].map(([key, { shape, data }]) => {
        const own = denoiser.read(key).data;
        return [key, { shape, data: (data as Float32Array).map((v, i) => v - (own[i] as number)) }] as const;
      });
      writeSafetensors(join(FOLDER, `${name}-deltas.safetensors`), Object.fromEntries(deltas), {
        format: 'pt',
      });
    }
    const full = extractLora(whole, denoiser, 1000);
    expect(full.kept).toBeGreaterThan(1 - 1e-9);
    const [a, b] = [await drawn(pipeline, whole), await drawn(pipeline, full.learned)];
    expect(relativeError(b.out, a.out)).toBeLessThan(1e-5);
    const io = readFixture('exchange/io.safetensors');
    const { kept, learned } = extractLora(whole, denoiser, RANK);
    // Eckart and Young: by PyTorch's singular values
    expect(Math.abs(kept - io[`out.${name}.kept`]!.data[0]!)).toBeLessThan(1e-3);
    const ranks = [...learned.weights]
      .filter(([key]) => key.endsWith(LORA_B))
      .map(([, { shape }]) => shape[1]);
    expect(new Set(ranks)).toEqual(new Set([RANK]));
  });
});
