import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { Editor } from '../../../src/engine/editor.js';
import { planTraining, trainingBytes } from '../../../src/engine/finetune/plan.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

const checkpoint = join(FIXTURES, 'tiny-sd');
const pipeline = new Pipeline(openCheckpoint(checkpoint, { cacheDir: temporaryFolder() }));
// large enough for activations to outweigh everything else
const subject = { latents: { shape: [1, 4, 64, 64], data: new Float32Array(4 * 64 * 64) }, items: 3 };
const stage = { stage: 'cross-attention', rank: 4, alpha: 4 } as const;
const need = (microBatch: number, recompute: boolean) =>
  trainingBytes(pipeline, subject, 2, { ...stage, microBatch, recompute });
const plan = (available: number) => {
  const options = { ...stage, batch: 4, accumulation: 1, learningRate: 1e-3, seed: 0 };
  return planTraining(pipeline, subject, 2, options, available);
};

describe('a plan for the memory that is free', () => {
  it('needs less with fewer rows at a time, and less with blocks computed again', () => {
    expect(need(1, false)).toBeLessThan(need(4, false));
    expect(need(4, true)).toBeLessThan(need(4, false));
  });

  it('takes all rows at once where they fit, then fewer, then computes again', () => {
    expect(plan(need(4, false))).toMatchObject({ microBatch: 4, recompute: false });
    expect(plan(need(2, false))).toMatchObject({ microBatch: 2, recompute: false });
    expect(plan(need(1, false) - 1)).toMatchObject({ recompute: true });
  });

  it('refuses in one line what does not fit', () => {
    const wanted = (need(1, true) / 1e9).toFixed(1);
    expect(() => plan(1e6)).toThrow(
      `learning this picture with tiny-sd needs ${wanted} GB and 0.0 GB are free: close other programs, learn with --method lora, or name a smaller checkpoint`,
    );
  });
});

it('an editor says what a job needs before it starts', () => {
  const editor = Editor.open(checkpoint, { cacheDir: temporaryFolder() });
  const picture = { width: 300, height: 200 };
  expect(editor.memoryNeeded(picture, 3, 'learn')).toBeGreaterThan(300e6);
  expect(editor.memoryNeeded(picture, 8, 'edit')).toBeGreaterThan(editor.memoryNeeded(picture, 1, 'edit'));
});
