/** What SDXL needs in halves, counted from its graphs at their real shapes; docs/gpu.md has the figures. */
import {
  closeSync,
  cpSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/app/checkpoints.js';
import { CONFIGS } from '../../src/engine/bench/configs.js';
import { tensorsOf } from '../../src/engine/bench/shapes.js';
import { openCheckpoint } from '../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../src/engine/diffusion/pipeline.js';
import { stepGraph, type StepShape } from '../../src/engine/finetune/trainingGraphs.js';
import { footprint } from '../../src/engine/graph/footprint.js';
import type { Graph } from '../../src/engine/graph/graph.js';
import { temporaryFolder } from '../fixtures.js';

/** A file with these tensors that takes no room: nobody reads their values. */
function sparse(file: string, shapes: ReadonlyMap<string, readonly number[]>, dtype: 'F16' | 'F32'): void {
  const bytes = dtype === 'F16' ? 2 : 4;
  let end = 0;
  const tensors = [...shapes].map(([name, shape]) => {
    const begin = end;
    end += bytes * shape.reduce((a, b) => a * b, 1);
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(tensors)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const fd = openSync(file, 'w');
  writeSync(fd, length);
  writeSync(fd, json);
  ftruncateSync(fd, 8 + json.length + end);
  closeSync(fd);
}

/** SDXL as people have it: fp16 files, and a float32 autoencoder. */
function sdxl(): string {
  const dir = temporaryFolder();
  for (const [part, shapes] of tensorsOf(CONFIGS.sdxl)) {
    mkdirSync(join(dir, part));
    const name = part.startsWith('text') ? 'model' : 'diffusion_pytorch_model';
    sparse(join(dir, part, `${name}.safetensors`), shapes, part === 'vae' ? 'F32' : 'F16');
  }
  for (const [file, json] of Object.entries(CONFIGS.sdxl)) {
    mkdirSync(join(dir, dirname(file)), { recursive: true });
    writeFileSync(join(dir, file), JSON.stringify(json));
  }
  for (const part of ['tokenizer', 'tokenizer_2'])
    cpSync(join(PACKAGE_ROOT, 'checkpoints', 'clip', 'merges.txt'), join(dir, part, 'merges.txt'));
  return dir;
}

it('SDXL in halves: an edit of 1024x1024 holds 8.2 GB, a LoRA step 6.8, and no file is copied', () => {
  const [dir, cacheDir] = [sdxl(), join(temporaryFolder(), 'none')];
  const pipeline = new Pipeline(openCheckpoint(dir, { cacheDir, precision: 'half' }), 'webgpu');
  expect(existsSync(cacheDir)).toBe(false);
  const cells = { height: 128, width: 128 };
  // a GPU keeps all sessions ready, and one of them runs
  const graphs = [
    pipeline.prompts.graph(4, 0, {}),
    pipeline.predictorGraph([2, 4, 128, 128], 4 * 40, undefined, {}),
    ...(pipeline.pictures.passes(1024, 1024) as [Graph, Graph]),
  ].map((graph) => footprint(graph));
  const weights = graphs.reduce((sum, found) => sum + found.weights, 0);
  const edit = weights + Math.max(...graphs.map((found) => found.activations));
  expect(edit / 1e9).toBeCloseTo(8.2, 1);
  const shape = {
    ...cells,
    stage: 'lora',
    batch: 1,
    prompts: 4,
    length: 40,
    newTokens: 20,
    rank: 4,
    alpha: 4,
  };
  const step = footprint(stepGraph(pipeline.family, shape as StepShape, { recompute: true, onCpu: false }));
  expect((step.weights + step.activations) / 1e9).toBeCloseTo(6.8, 1);
  rmSync(dir, { recursive: true });
});
