import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import type { Learned } from '../../../src/engine/families/learned.js';
import { startValues } from '../../../src/engine/finetune/trainables.js';
import type { TrainerOptions } from '../../../src/engine/finetune/lesson.js';
import { LossScale } from '../../../src/engine/finetune/lossScale.js';
import { Trainer } from '../../../src/engine/finetune/trainer.js';
import type { Tensor } from '../../../src/engine/runtime/session.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is tiny_sd() of training/reference/fixtures.py: ten updates, two micro-steps each. */
const [UPDATES, ACCUMULATION, BATCH, ITEMS, NEW] = [10, 2, 2, 3, 2];
const TOLERANCE = 1e-3;

const io = readFixture('tiny-sd/io.safetensors');
const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const pipeline = new Pipeline(checkpoint);
const halves = new Pipeline(
  openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder(), precision: 'half' }),
);

const withTokens = (rows: Float32Array): Learned => ({
  items: ITEMS,
  tokensPerItem: NEW,
  newTokens: new Map([['text_encoder', { shape: [ITEMS * NEW, 16], data: rows }]]),
  weights: new Map(),
  loraScale: 1,
});

/** The reference takes every second label, as D-Edit's nearest sampling does; our groups vote. */
for (const own of [pipeline, halves]) {
  const groups = own.groups.bind(own);
  vi.spyOn(own, 'groups').mockImplementation((rows, size, prompts) => ({
    ...groups(rows, size, prompts),
    pixel_groups_4x4: {
      shape: [rows.length, 16],
      data: Int32Array.from(rows.flatMap(() => [...io['in.labels_4x4']!.data])),
    },
  }));
}

const SETTINGS = { rank: 4, layers: 'attention', alpha: 4, itemWeight: 1, seed: 0 } as const;

async function train(
  stage: TrainerOptions['stage'],
  learningRate: number,
  memory: Pick<TrainerOptions, 'microBatch' | 'recompute'> = { microBatch: BATCH, recompute: false },
  by = pipeline,
  layers: TrainerOptions['layers'] = 'attention',
) {
  const rows = stage === 'tokens' ? io['in.new_tokens']!.data : io['out.tokens.new_tokens']!.data;
  const learned = withTokens(rows);
  const shape = { stage, newTokens: ITEMS * NEW, rank: 4, layers, seed: 0 };
  const values = new Map<string, Tensor>();
  for (const [name, start] of startValues(by.family, shape, learned)) {
    const given = io[`in.lora.${name.replace('.lora_A.weight', '')}`];
    values.set(name, name.endsWith('.lora_A.weight') ? { ...given!, data: given!.data.slice() } : start);
  }
  const labels = { width: 8, height: 8, data: Uint8Array.from(io['in.labels_8x8']!.data) };
  const trainer = await Trainer.open(
    by,
    [{ latents: io['in.x0']!, labels, items: ITEMS }],
    learned,
    { ...SETTINGS, stage, layers, accumulation: ACCUMULATION, batch: BATCH, learningRate, ...memory },
    { values, updates: 0 },
  );
  const size = BATCH * io['in.x0']!.data.length;
  const losses: number[] = [];
  for (let step = 0; step < UPDATES * ACCUMULATION; step++) {
    const noise = io['in.noise']!.data.slice(step * size, (step + 1) * size);
    const timesteps = [...io['in.timesteps']!.data.slice(step * BATCH, (step + 1) * BATCH)];
    losses.push(await trainer.step(noise, timesteps, (step + 1) % ACCUMULATION === 0));
  }
  const { values: learnedValues, lossScale } = await trainer.state();
  await trainer.release();
  return { losses, lossScale, value: (name: string) => learnedValues.get(name)!.data as Float32Array };
}

describe('ten AdamW updates against torch.optim.AdamW', () => {
  it('new tokens: the same losses and the same rows', async () => {
    const { losses, value } = await train('tokens', 1e-2);
    expect(relativeError(losses, io['out.tokens.loss']!.data)).toBeLessThan(TOLERANCE);
    expect(relativeError(value('text_encoder'), io['out.tokens.new_tokens']!.data)).toBeLessThan(TOLERANCE);
  });

  it('cross-attention: the same losses and the same weights', async () => {
    const { losses, value } = await train('cross-attention', 1e-3);
    expect(relativeError(losses, io['out.cross-attention.loss']!.data)).toBeLessThan(TOLERANCE);
    const [key] = Object.keys(io).filter(
      (k) => k.startsWith('out.cross-attention.') && k.endsWith('.weight'),
    );
    const name = key!.replace('out.cross-attention.', '');
    expect(relativeError(value(name), io[key!]!.data)).toBeLessThan(TOLERANCE);
  });

  it('LoRA: the same losses', async () => {
    const { losses } = await train('lora', 1e-3);
    expect(relativeError(losses, io['out.lora.loss']!.data)).toBeLessThan(TOLERANCE);
  });

  it('LoRA of the whole transformer blocks: the same losses, which are not those of attention alone', async () => {
    const { losses } = await train('lora', 1e-3, undefined, pipeline, 'transformer');
    const wanted = io['out.lora-transformer.loss']!.data;
    expect(relativeError(losses, wanted)).toBeLessThan(TOLERANCE);
    expect(relativeError(io['out.lora.loss']!.data, wanted)).toBeGreaterThan(4 * TOLERANCE);
  });

  it('the same in micro-batches of one, with blocks computed again for the backward pass', async () => {
    const { losses } = await train('cross-attention', 1e-3, { microBatch: 1, recompute: true });
    expect(relativeError(losses, io['out.cross-attention.loss']!.data)).toBeLessThan(TOLERANCE);
  });
});

it('a cell of an item counts as often as is asked for beside one of the ground', async () => {
  const size = io['in.x0']!.data.length;
  const cells = io['in.labels_8x8']!.data;
  // the ground's noise is large, and so what is wrong there
  const noise = io['in.noise']!.data.slice(0, size).map((v, i) => (cells[i % 64] === 0 ? 10 * v : v));
  const lossOf = async (itemWeight: number, labels: Uint8Array): Promise<number> => {
    const trainer = await Trainer.open(
      pipeline,
      [{ latents: io['in.x0']!, labels: { width: 8, height: 8, data: labels }, items: ITEMS }],
      withTokens(io['in.new_tokens']!.data),
      {
        ...{ ...SETTINGS, stage: 'cross-attention', learningRate: 1e-3, accumulation: 1, itemWeight },
        ...{ batch: 1, microBatch: 1, recompute: false },
      },
    );
    return await trainer.loss(noise, [500], 0).finally(() => trainer.release());
  };
  const labels = Uint8Array.from(cells);
  const items = labels.filter((label) => label > 0).length;
  const [plain, three, nine] = [await lossOf(1, labels), await lossOf(3, labels), await lossOf(9, labels)];
  // plain: (g + i) / 64, g and i the sums over ground and items; three: (g + 3 i) / (64 + 2 items)
  const i = (three * (64 + 2 * items) - 64 * plain) / 2;
  const g = 64 * plain - i;
  expect(g / (64 - items)).toBeGreaterThan((10 * i) / items);
  expect(nine).toBeCloseTo((g + 9 * i) / (64 + 8 * items), 4);
  const everywhere = labels.map((label) => Math.max(1, label));
  expect(await lossOf(9, everywhere)).toBeCloseTo(await lossOf(1, everywhere), 4);
});

describe('in halves', () => {
  it.each([
    ['tokens', 1e-2],
    ['cross-attention', 1e-3],
    ['lora', 1e-3],
  ] as const)('%s at %f: each loss of ten updates is within 0.02 of that in float32', async (stage, rate) => {
    const { losses, lossScale } = await train(stage, rate, undefined, halves);
    const expected = io[`out.${stage}.loss`]!.data;
    const errors = losses.map((loss, i) => Math.abs(loss / expected[i]! - 1));
    expect(Math.max(...errors)).toBeLessThan(0.02);
    // they are halves: float32 is nearer than this
    expect(relativeError(losses, expected)).toBeGreaterThan(1e-5);
    expect(lossScale).toBeGreaterThanOrEqual(1);
  });

  it('a GPU short of memory asks the step itself for the loss alone', async () => {
    const gpu = Object.create(halves, { device: { value: 'cuda' } }) as Pipeline;
    const compiled = vi.spyOn(halves.sessions, 'compile');
    const shape = { ...SETTINGS, stage: 'cross-attention', learningRate: 1e-3 } as const;
    const labels = { width: 8, height: 8, data: Uint8Array.from(io['in.labels_8x8']!.data) };
    const trainer = await Trainer.open(
      gpu,
      [{ latents: io['in.x0']!, labels, items: ITEMS }],
      withTokens(io['in.new_tokens']!.data),
      { ...shape, batch: 1, microBatch: 1, recompute: true, accumulation: 1 },
    );
    const noise = io['in.noise']!.data.slice(0, io['in.x0']!.data.length);
    const [alone, step] = [await trainer.loss(noise, [500], 0), await trainer.step(noise, [500], false)];
    await trainer.release();
    expect(alone).toBe(step);
    // the step, the gradients' norm and sum, and the update
    expect(compiled).toHaveBeenCalledTimes(4);
    compiled.mockRestore();
  });

  /** A step whose gradient is as large as its loss is multiplied by. */
  const step = (loss: number) => async (scale: number) => {
    const gradient = Math.fround(4 * scale) > 65504 ? Infinity : 4 * scale;
    return { loss: { data: Float32Array.of(loss) }, gradient_norm: { data: Float32Array.of(gradient ** 2) } };
  };

  it('a step whose gradients overflow is taken again at half the scale', async () => {
    const scale = new LossScale();
    const { gradient_norm: norm } = await scale.derive(step(0.5));
    expect(scale.value).toBe(2 ** 13);
    expect([...norm!.data]).toEqual([2 ** 30]);
  });

  it('a loss that overflows is told, and what to do', async () => {
    const never = async () => ({ loss: { data: [NaN] }, gradient_norm: { data: [NaN] } }) as never;
    await expect(new LossScale().derive(never)).rejects.toThrow('compute with --precision full');
  });
});
