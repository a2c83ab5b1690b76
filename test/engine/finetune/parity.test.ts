import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import type { Learned } from '../../../src/engine/families/learned.js';
import { startValues } from '../../../src/engine/finetune/trainables.js';
import type { TrainerOptions } from '../../../src/engine/finetune/lesson.js';
import { Trainer } from '../../../src/engine/finetune/trainer.js';
import type { Tensor } from '../../../src/engine/runtime/session.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is tiny_sd() of training/reference/fixtures.py: ten updates, two micro-steps each. */
const [UPDATES, ACCUMULATION, BATCH, ITEMS, NEW] = [10, 2, 2, 3, 2];
const TOLERANCE = 1e-3;

const io = readFixture('tiny-sd/io.safetensors');
const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const pipeline = new Pipeline(checkpoint);

const withTokens = (rows: Float32Array): Learned => ({
  items: ITEMS,
  tokensPerItem: NEW,
  newTokens: new Map([['text_encoder', { shape: [ITEMS * NEW, 16], data: rows }]]),
  weights: new Map(),
  loraScale: 1,
});

/** The reference takes every second label, as D-Edit's nearest sampling does; our groups vote. */
const groups = pipeline.groups.bind(pipeline);
vi.spyOn(pipeline, 'groups').mockImplementation((rows, size, prompts) => ({
  ...groups(rows, size, prompts),
  pixel_groups_4x4: {
    shape: [rows.length, 16],
    data: Int32Array.from(rows.flatMap(() => [...io['in.labels_4x4']!.data])),
  },
}));

async function train(
  stage: TrainerOptions['stage'],
  learningRate: number,
  memory: Pick<TrainerOptions, 'microBatch' | 'recompute'> = { microBatch: BATCH, recompute: false },
) {
  const rows = stage === 'tokens' ? io['in.new_tokens']!.data : io['out.tokens.new_tokens']!.data;
  const learned = withTokens(rows);
  const shape = { stage, newTokens: ITEMS * NEW, rank: 4, seed: 0 };
  const values = new Map<string, Tensor>();
  for (const [name, start] of startValues(pipeline.family, shape, learned)) {
    const given = io[`in.lora.${name.replace('.lora_A.weight', '')}`];
    values.set(name, name.endsWith('.lora_A.weight') ? given! : start);
  }
  const labels = { width: 8, height: 8, data: Uint8Array.from(io['in.labels_8x8']!.data) };
  const trainer = await Trainer.open(
    pipeline,
    [{ latents: io['in.x0']!, labels, items: ITEMS }],
    learned,
    { stage, batch: BATCH, accumulation: ACCUMULATION, learningRate, rank: 4, alpha: 4, seed: 0, ...memory },
    { values, updates: 0 },
  );
  const size = BATCH * io['in.x0']!.data.length;
  const losses: number[] = [];
  for (let step = 0; step < UPDATES * ACCUMULATION; step++) {
    const noise = io['in.noise']!.data.slice(step * size, (step + 1) * size);
    const timesteps = [...io['in.timesteps']!.data.slice(step * BATCH, (step + 1) * BATCH)];
    losses.push(await trainer.step(noise, timesteps, (step + 1) % ACCUMULATION === 0));
  }
  const { values: learnedValues } = trainer.state;
  await trainer.release();
  return { losses, value: (name: string) => learnedValues.get(name)!.data as Float32Array };
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

  it('the same in micro-batches of one, with blocks computed again for the backward pass', async () => {
    const { losses } = await train('cross-attention', 1e-3, { microBatch: 1, recompute: true });
    expect(relativeError(losses, io['out.cross-attention.loss']!.data)).toBeLessThan(TOLERANCE);
  });
});
