import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline, placeholder } from '../../../src/engine/diffusion/pipeline.js';
import { NoiseSchedule } from '../../../src/engine/diffusion/schedule.js';
import { SLOTS, slotName } from '../../../src/engine/finetune/adamw.js';
import type { Learned } from '../../../src/engine/finetune/learned.js';
import {
  newTokensName,
  type StepShape,
  trainables,
  trainingStep,
} from '../../../src/engine/finetune/trainingStep.js';
import { pixelGroupsInput, TOKEN_GROUPS_INPUT } from '../../../src/engine/models/groupBias.js';
import { Session, type Tensor } from '../../../src/engine/runtime/session.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is tiny_sd() of training/reference/fixtures.py: ten updates, two micro-steps each. */
const [UPDATES, ACCUMULATION, BATCH, ITEMS, NEW] = [10, 2, 2, 3, 2];
const TOLERANCE = 1e-3;

const io = readFixture('tiny-sd/io.safetensors');
const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const pipeline = new Pipeline(checkpoint);
const schedule = new NoiseSchedule(checkpoint.scheduler);
const model = { ...checkpoint, unetNames: checkpoint.unet.weights.names() };
const scalar = (x: number): Tensor => ({ shape: [], data: Float32Array.of(x) });
const prompts = Array.from({ length: ITEMS }, (_, i) => placeholder(i));

const withTokens = (rows: Float32Array): Learned => ({
  items: ITEMS,
  tokensPerItem: NEW,
  newTokens: new Map([['text_encoder', { shape: [ITEMS * NEW, 16], data: rows }]]),
  unet: new Map(),
  loraScale: 1,
});

async function train(stage: StepShape['stage'], rate: number) {
  const length = pipeline.promptLength;
  const shape: StepShape = {
    stage,
    batch: BATCH,
    height: 8,
    width: 8,
    prompts: ITEMS,
    length,
    newTokens: ITEMS * NEW,
    accumulation: ACCUMULATION,
    rank: 4,
    alpha: 4,
  };
  const session = await Session.compile(trainingStep(model, shape), { weightsRoot: checkpoint.weightsRoot });
  const state = new Map<string, Tensor>();
  for (const { name, shape: size, start } of trainables(model, shape)) {
    const zeros = () => new Float32Array(size.reduce((a, b) => a * b, 1));
    const value =
      start === 'checkpoint'
        ? checkpoint.unet.weights.read(name)
        : start === 'given'
          ? io['in.new_tokens']!.data
          : start === 'lora-a'
            ? io[`in.lora.${name.replace('.lora_A.weight', '')}`]!.data
            : zeros();
    for (const slot of SLOTS)
      state.set(slotName(name, slot), { shape: size, data: slot === 'value' ? value : zeros() });
  }
  const repeat = (row: ArrayLike<number>, times: number): Int32Array =>
    Int32Array.from({ length: row.length * times }, (_, i) => row[i % row.length]!);
  const tokenRow = Array.from({ length: ITEMS * length }, (_, i) => Math.floor(i / length));
  const learned = withTokens(
    stage === 'tokens' ? io['in.new_tokens']!.data : io['out.tokens.new_tokens']!.data,
  );
  const feeds: Record<string, Tensor> = {
    [TOKEN_GROUPS_INPUT]: { shape: [BATCH, tokenRow.length], data: repeat(tokenRow, BATCH) },
    [pixelGroupsInput(8, 8)]: { shape: [BATCH, 64], data: repeat(io['in.labels_8x8']!.data, BATCH) },
    [pixelGroupsInput(4, 4)]: { shape: [BATCH, 16], data: repeat(io['in.labels_4x4']!.data, BATCH) },
    learning_rate: scalar(rate),
    ...(stage === 'tokens' ? pipeline.promptFeeds(prompts, learned) : {}),
  };
  if (stage !== 'tokens') {
    const { hidden } = await pipeline.encodePrompts(prompts, learned);
    feeds.encoder_hidden_states = { shape: [1, ITEMS * length, 16], data: hidden.data };
  }
  const x0 = io['in.x0']!.data;
  const size = [BATCH, 4, 8, 8];
  const losses: number[] = [];
  for (let step = 0; step < UPDATES * ACCUMULATION; step++) {
    const sample = new Float32Array(BATCH * x0.length);
    const target = io['in.noise']!.data.slice(step * sample.length, (step + 1) * sample.length);
    const timestep = io['in.timesteps']!.data.slice(step * BATCH, (step + 1) * BATCH);
    for (let row = 0; row < BATCH; row++) {
      const noise = target.subarray(row * x0.length, (row + 1) * x0.length);
      sample.set(schedule.addNoise(x0, noise, timestep[row]!), row * x0.length);
    }
    const out = await session.run({
      ...feeds,
      ...Object.fromEntries(state),
      sample: { shape: size, data: sample },
      target: { shape: size, data: target },
      timestep: { shape: [BATCH], data: timestep },
      apply: scalar((step + 1) % ACCUMULATION === 0 ? 1 : 0),
      update: scalar(Math.floor(step / ACCUMULATION) + 1),
    });
    for (const name of state.keys()) state.set(name, out[`${name}'`]!);
    losses.push(out.loss!.data[0]!);
  }
  return { losses, value: (name: string) => state.get(slotName(name, 'value'))!.data as Float32Array };
}

describe('ten AdamW updates against torch.optim.AdamW', () => {
  it('new tokens: the same losses and the same rows', async () => {
    const { losses, value } = await train('tokens', 1e-2);
    expect(relativeError(losses, io['out.tokens.loss']!.data)).toBeLessThan(TOLERANCE);
    expect(
      relativeError(value(newTokensName('text_encoder')), io['out.tokens.new_tokens']!.data),
    ).toBeLessThan(TOLERANCE);
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
});
