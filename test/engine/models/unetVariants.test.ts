import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { sample } from '../../../src/engine/diffusion/sample.js';
import { makeSampler } from '../../../src/engine/diffusion/samplers/index.js';
import { scheduleOf } from '../../../src/engine/diffusion/schedules/index.js';
import { familyOf } from '../../../src/engine/families/index.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Raster } from '../../../src/engine/raster.js';
import { Session } from '../../../src/engine/runtime/session.js';
import { Editor } from '../../../src/engine/editor.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** tiny-sd with another UNet, and perhaps a name of its own. */
function checkpointWith(unet: string, name = unet): string {
  const folder = join(temporaryFolder(), name);
  cpSync(join(FIXTURES, 'tiny-sd'), folder, { recursive: true });
  cpSync(join(FIXTURES, 'unet-variants', unet), join(folder, 'unet'), { recursive: true });
  return folder;
}

/** Of a picture from diffusers' [3, h, w], on average, of 255. */
function difference(data: Uint8Array, planes: ArrayLike<number>): number {
  const area = data.length / 3;
  return (
    data.reduce((sum, v, i) => sum + Math.abs(v - planes[(i % 3) * area + Math.floor(i / 3)]!), 0) /
    data.length
  );
}

it('an inpainting UNet fills a hole as diffusers does', async () => {
  const io = readFixture('unet-variants/inpainting.safetensors');
  const [side, cells, factor] = [32, 8, 4];
  const pipeline = new Pipeline(openCheckpoint(checkpointWith('inpainting')));
  const [source, area] = [io['in.picture']!.data, side * side];
  const picture = {
    ...{ width: side, height: side },
    data: Uint8Array.from({ length: 3 * area }, (_, i) => source[(i % 3) * area + Math.floor(i / 3)]!),
  };
  const mask = { width: side, height: side, data: Uint8Array.from(io['in.mask']!.data) };
  const drawn = Uint8Array.from({ length: cells * cells }, (_, i) => {
    const [x, y] = [i % cells, Math.floor(i / cells)];
    return mask.data[y * factor * side + x * factor]!;
  });
  const hole = await pipeline.hole(picture, mask, drawn);
  expect(
    relativeError((hole.data as Float32Array).subarray(cells * cells), io['out.left']!.data),
  ).toBeLessThan(1e-5);

  const [empty, prompt] = [await pipeline.encodePrompts(['']), await pipeline.encodePrompts(['a red apple'])];
  const size = { height: cells, width: cells };
  const groups = pipeline.groups(['ordinary', 'ordinary'], size, 1);
  const denoise = await pipeline.predictor({ ...size, rows: [empty, prompt], groups, hole });
  const latents = await sample(pipeline, {
    sampler: makeSampler('euler', scheduleOf(pipeline.checkpoint.scheduler), 8),
    guidanceScale: 3,
    noise: io['in.noise']!.data,
    stepNoise: () => new Float32Array(),
    denoise,
  });
  const { data } = await pipeline.decodeLatents({ shape: [1, 4, cells, cells], data: latents });
  expect(difference(data, io['out.picture']!.data)).toBeLessThan(0.5); // diffusers does not round to whole numbers
});

it('SD-Turbo draws in one step what diffusers draws', async () => {
  const io = readFixture('unet-variants/turbo.safetensors');
  const folder = checkpointWith('turbo', 'sd-turbo');
  const config = join(folder, 'text_encoder', 'config.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace('"quick_gelu"', '"gelu"'));
  const editor = Editor.open(folder, { cacheDir: temporaryFolder() });
  const { pipeline } = editor;
  const { sampler, guidance } = editor.editDefaults({ width: 32, height: 32 });
  const size = { height: 8, width: 8 };
  const denoise = await pipeline.predictor({
    ...size,
    rows: [await pipeline.encodePrompts(['a red apple'])],
    groups: pipeline.groups(['ordinary'], size, 1),
  });
  const latents = await sample(pipeline, {
    sampler: makeSampler(sampler, scheduleOf(pipeline.checkpoint.scheduler), 1),
    guidanceScale: guidance,
    noise: io['in.noise']!.data,
    stepNoise: () => new Float32Array(),
    denoise,
  });
  expect(relativeError(latents, io['out.latents']!.data)).toBeLessThan(1e-5);
  const { data } = await pipeline.decodeLatents({ shape: [1, 4, 8, 8], data: latents });
  expect(difference(data, io['out.picture']!.data)).toBeLessThan(0.5); // diffusers does not round to whole numbers
});

it('an inpainting UNet learns with nothing of the picture given, and edits', async () => {
  const editor = Editor.open(checkpointWith('inpainting'), { cacheDir: temporaryFolder() });
  const size = { width: 32, height: 32 };
  const picture = { ...size, data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 256) };
  const labels = { ...size, data: Uint8Array.from({ length: 32 * 32 }, (_, i) => Number(i % 32 > 20)) };
  const losses: number[] = [];
  const scene = await editor.associate(
    await editor.segment(picture, labels),
    { steps: [2, 2], accumulation: 1, batch: 2, tokensPerItem: 2 },
    { onProgress: ({ loss }) => losses.push(loss) },
  );
  expect(losses.every(Number.isFinite)).toBe(true);
  const cat = { kind: 'replace', item: 1, prompt: 'a cat' } as const;
  const edited = await editor.edit(scene, cat, { steps: 2 });
  expect(Buffer.compare(edited.picture.data, picture.data)).not.toBe(0);
  // the hole is heard: with another picture left around it, what is drawn in it differs
  const inverse = { ...picture, data: picture.data.map((v, i) => (i % 96 < 30 ? 255 - v : v)) };
  const other = await editor.edit({ ...scene, picture: inverse }, cat, { steps: 1 });
  const same = await editor.edit(scene, cat, { steps: 1 });
  const inside = (p: Raster): number[] => [...p.data].filter((_, i) => i % 96 > 80);
  expect(inside(other.picture)).not.toEqual(inside(same.picture));
});

it('a UNet distilled with guidance hears its scale', async () => {
  const io = readFixture('unet-variants/guided.safetensors');
  const { denoiser } = familyOf(openCheckpoint(checkpointWith('guided'), { cacheDir: temporaryFolder() }));
  expect(denoiser.embedsGuidance).toBe(true);
  const graph = new Graph();
  const hidden = graph.input('hidden', io['in.hidden']!.shape);
  const inputs = {
    sample: graph.input('sample', [2, 4, 8, 8]),
    timestep: graph.input('timestep', [2]),
    guidance: graph.input('guidance', [2]),
    condition: { hidden },
    bias: (height: number, width: number) =>
      graph.constant(new Float32Array(2 * height * width * 6), [2, 1, height * width, 6]),
  };
  graph.output('prediction', denoiser.predict(graph, inputs, {}));
  const session = await Session.compile(graph, {
    weightsRoot: openCheckpoint(checkpointWith('guided')).weightsRoot,
  });
  const { prediction } = await session.run({
    sample: io['in.sample']!,
    hidden: io['in.hidden']!,
    guidance: io['in.guidance']!,
    timestep: { shape: [2], data: Float32Array.of(700, 20) },
  });
  expect(relativeError(prediction!.data, io['out.prediction']!.data)).toBeLessThan(1e-5);
});
