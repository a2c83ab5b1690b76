import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveCheckpoint } from '../../../src/app/checkpoints.js';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { editNeed } from '../../../src/engine/diffusion/footprints.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { Editor } from '../../../src/engine/editor.js';
import { planOnGpu, planTraining, trainingNeed } from '../../../src/engine/finetune/plan.js';
import { bytesOf, shortage } from '../../../src/engine/memory.js';
import { defaultBudget } from '../../../src/engine/process/memory.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

const checkpoint = join(FIXTURES, 'tiny-sd');
const pipeline = new Pipeline(openCheckpoint(checkpoint, { cacheDir: temporaryFolder() }));
// large enough for activations to outweigh everything else
const subject = { latents: { shape: [1, 4, 64, 64], data: new Float32Array(4 * 64 * 64) }, items: 3 };
const stage = { stage: 'cross-attention', rank: 4, layers: 'attention', alpha: 4, itemWeight: 1 } as const;
const need = (microBatch: number, recompute: boolean) =>
  trainingNeed(pipeline, subject, 2, { ...stage, microBatch, recompute });
const bytes = (microBatch: number, recompute: boolean) => bytesOf(need(microBatch, recompute));
const plan = (free: number, budget = Infinity) => {
  const options = { ...stage, batch: 4, accumulation: 1, learningRate: 1e-3, seed: 0 };
  return planTraining(pipeline, subject, 2, options, { free, budget });
};

describe('a plan for the memory that is free', () => {
  it('needs less with fewer rows at a time, and less with blocks computed again', () => {
    expect(bytes(1, false)).toBeLessThan(bytes(4, false));
    expect(bytes(4, true)).toBeLessThan(bytes(4, false));
  });

  it('takes all rows at once where they fit, then fewer, then computes again', () => {
    expect(plan(bytes(4, false))).toMatchObject({ microBatch: 4, recompute: false });
    expect(plan(bytes(2, false))).toMatchObject({ microBatch: 2, recompute: false });
    expect(plan(bytes(1, false) - 1)).toMatchObject({ recompute: true });
  });

  it('stays below what the process may hold, in which mapped weights do not count', () => {
    expect(need(2, false).mapped).toBeGreaterThan(0);
    expect(plan(Infinity, need(4, false).held)).toMatchObject({ microBatch: 4, recompute: false });
    expect(plan(Infinity, need(2, false).held)).toMatchObject({ microBatch: 2, recompute: false });
  });

  it('leaves memory for a drawing meanwhile, but computes nothing again for that', () => {
    const beside = 1e6;
    const options = { ...stage, batch: 4, accumulation: 1, learningRate: 1e-3, seed: 0 };
    const leaving = (budget: number) =>
      planTraining(pipeline, subject, 2, options, { free: Infinity, budget }, beside);
    const { held } = need(4, false);
    expect(leaving(held + beside)).toMatchObject({ microBatch: 4, recompute: false });
    expect(leaving(held)).toMatchObject({ microBatch: 2, recompute: false });
    expect(leaving(need(1, false).held)).toMatchObject({ microBatch: 1, recompute: false });
  });

  it('on a GPU takes all rows at once where there is room, then one row and computes again', () => {
    const options = { ...stage, batch: 4, accumulation: 1, learningRate: 1e-3, seed: 0 };
    expect(planOnGpu(pipeline, subject, 2, options)).toMatchObject({ microBatch: 4, recompute: false });
    const less = planOnGpu(pipeline, subject, 2, options, bytes(4, false) - 1);
    expect(less).toEqual({ microBatch: 1, recompute: true, bytes: bytes(1, true) });
  });

  it('refuses in one line what does not fit', () => {
    const megabytes = (count: number) => Math.ceil(count / 2 ** 20);
    const help = ': close other programs, learn with --method lora, or name a smaller checkpoint';
    expect(() => plan(1e6)).toThrow(
      `learning this picture with tiny-sd needs ${megabytes(bytes(1, true))} MB of memory and there are 1 MB${help}`,
    );
    expect(() => plan(Infinity, 1e6)).toThrow(
      `needs ${megabytes(need(1, true).held)} MB of memory and the engine may hold 1 MB (ENGINE_MEMORY_MB)${help}`,
    );
  });
});

describe('an editor says what a job needs before it starts', () => {
  it('more for more items', () => {
    const editor = Editor.open(checkpoint, { cacheDir: temporaryFolder() });
    const picture = { width: 300, height: 200 };
    expect(editor.memoryNeeded(picture, 3, 'learn').held).toBeGreaterThan(300e6);
    const edit = (items: number) => bytesOf(editor.memoryNeeded(picture, items, 'edit'));
    expect(edit(8)).toBeGreaterThan(edit(1));
  });

  it('less where the words are not followed against no words: one row is drawn instead of two', () => {
    const folder = temporaryFolder();
    cpSync(checkpoint, folder, { recursive: true });
    const drawing = () => {
      const editor = Editor.open(folder, { cacheDir: temporaryFolder() });
      return editor.memoryNeeded({ width: 300, height: 200 }, 3, 'edit').held;
    };
    const guided = drawing();
    writeFileSync(join(folder, 'dedit.json'), JSON.stringify({ guidance: 1 }));
    expect(drawing()).toBeLessThan(guided);
  });

  it('in which a large picture goes through the autoencoder in tiles where little may be held', () => {
    const held = (budget: number) =>
      editNeed(new Pipeline(pipeline.checkpoint, 'cpu', 1, budget), { height: 128, width: 128 }, 1).held;
    expect(held(200e6)).toBeLessThan(held(8e9) - 40e6);
  });

  it('of pocket a container of 1 GiB is enough, whatever the picture', () => {
    const editor = Editor.open(resolveCheckpoint('pocket'), { cacheDir: temporaryFolder() });
    const container = { free: 2 ** 30, budget: defaultBudget(1024) * 2 ** 20 };
    for (const job of ['learn', 'edit'] as const) {
      expect(shortage(editor.memoryNeeded({ width: 7000, height: 7000 }, 8, job), container)).toBeUndefined();
      expect(shortage(editor.memoryNeeded({ width: 4000, height: 200 }, 40, job), container)).toBeUndefined();
    }
  });
});
