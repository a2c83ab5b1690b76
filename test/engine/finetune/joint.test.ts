import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import type { Learned } from '../../../src/engine/families/learned.js';
import type { TrainerOptions } from '../../../src/engine/finetune/lesson.js';
import { Trainer } from '../../../src/engine/finetune/trainer.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is training/reference/joint_fixture.py: A has three items, B two; they take turns. */
const [UPDATES, ACCUMULATION, BATCH, A, B, NEW] = [10, 2, 2, 3, 2, 2];

const alone = readFixture('tiny-sd/io.safetensors');
const io = readFixture('tiny-sd/joint.safetensors');
const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const pipeline = new Pipeline(checkpoint);

/** The reference takes every second label, as D-Edit's nearest sampling does; our groups vote. */
const groups = pipeline.groups.bind(pipeline);
vi.spyOn(pipeline, 'groups').mockImplementation((rows, size, prompts) => ({
  ...groups(rows, size, prompts),
  ...(size.height === 8 && {
    pixel_groups_4x4: {
      shape: [rows.length, 16],
      data: Int32Array.from(rows.flatMap(() => [...alone['in.labels_4x4']!.data])),
    },
  }),
}));

it.each<[TrainerOptions['stage'], number]>([
  ['tokens', 1e-2],
  ['cross-attention', 1e-3],
])(
  'two pictures in one association: losses and values of ten updates are PyTorch’s (%s)',
  async (stage, learningRate) => {
    const given = [...alone['in.new_tokens']!.data, ...io['in.new_tokens']!.data];
    const rows = stage === 'tokens' ? Float32Array.from(given) : io['out.tokens.new_tokens']!.data;
    const learned: Learned = {
      ...{ items: A + B, tokensPerItem: NEW, weights: new Map(), loraScale: 1 },
      newTokens: new Map([['text_encoder', { shape: [(A + B) * NEW, 16], data: rows }]]),
    };
    const half = Uint8Array.from({ length: 4 * 16 }, (_, i) => Number(i % 16 >= 8));
    const among = A + B;
    const subjects = [
      {
        ...{ latents: alone['in.x0']!, items: A, first: 0, among },
        labels: { width: 8, height: 8, data: Uint8Array.from(alone['in.labels_8x8']!.data) },
      },
      {
        ...{ latents: io['in.x0']!, items: B, first: A, among },
        labels: { width: 16, height: 4, data: half },
      },
    ];
    const options = {
      stage,
      batch: BATCH,
      accumulation: ACCUMULATION,
      learningRate,
      rank: 4,
      layers: 'attention' as const,
      alpha: 4,
      itemWeight: 1,
      seed: 0,
    };
    const trainer = await Trainer.open(pipeline, subjects, learned, {
      ...options,
      ...{ microBatch: BATCH, recompute: false },
    });
    const losses: number[] = [];
    for (let step = 0; step < UPDATES * ACCUMULATION; step++) {
      const which = step % 2;
      const source = which === 0 ? alone['in.noise']! : io['in.noise']!;
      const at = which === 0 ? step : (step - 1) / 2;
      const size = BATCH * subjects[which]!.latents.data.length;
      const noise = source.data.slice(at * size, (at + 1) * size);
      const timesteps = [...alone['in.timesteps']!.data.slice(step * BATCH, (step + 1) * BATCH)];
      losses.push(await trainer.step(noise, timesteps, (step + 1) % ACCUMULATION === 0, which));
    }
    const { values } = await trainer.state();
    await trainer.release();
    expect(relativeError(losses, io[`out.${stage}.loss`]!.data)).toBeLessThan(1e-3);
    const key = Object.keys(io).find((k) => k.startsWith(`out.${stage}.`) && !k.endsWith('loss'))!;
    const name = stage === 'tokens' ? 'text_encoder' : key.replace(`out.${stage}.`, '');
    expect(relativeError(values.get(name)!.data as Float32Array, io[key]!.data)).toBeLessThan(1e-3);
  },
);
