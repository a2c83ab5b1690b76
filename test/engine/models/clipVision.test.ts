import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { clipVisionConfig } from '../../../src/engine/checkpoint/config/clip.js';
import { openClip, openScorer } from '../../../src/engine/checkpoint/scorer.js';
import { ComponentWeights, WEIGHTS_ROOT } from '../../../src/engine/checkpoint/weights.js';
import { clipPixels } from '../../../src/engine/compositing/clipPixels.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { clipVision } from '../../../src/engine/models/clipVision.js';
import { Parameters } from '../../../src/engine/models/parameters.js';
import { Session } from '../../../src/engine/runtime/session.js';
import { SessionCache } from '../../../src/engine/runtime/sessionCache.js';
import { cropOf } from '../../../src/engine/segmentation/naming/crop.js';
import { Scorer } from '../../../src/engine/segmentation/naming/scorer.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

const TOLERANCE = 1e-4;
const POCKET = join(FIXTURES, '../../checkpoints/pocket');

it.each([
  ['quick_gelu', true],
  ['gelu', false],
])('CLIPVisionModelWithProjection (%s) is as transformers has it', async (name, fusedAttention) => {
  const folder = join(FIXTURES, 'clip-vision', name);
  const io = readFixture(`clip-vision/${name}/io.safetensors`);
  const json = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  const config = clipVisionConfig('config.json', json);
  const graph = new Graph({ fusedAttention });
  const parameters = new Parameters(graph, ComponentWeights.open(folder, temporaryFolder()));
  const pixels = graph.input('pixels', io['in.pixel_values']!.shape);
  graph.output('embeds', clipVision(parameters, config, pixels).embeds);
  const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
  const { embeds } = await session.run({ pixels: io['in.pixel_values']! });
  expect(relativeError(embeds!.data, io['out.image_embeds']!.data)).toBeLessThan(TOLERANCE);
});

it("pocket's scorer sees and reads as transformers' CLIPModel does", async () => {
  const io = readFixture('scorer/io.safetensors');
  const part = openScorer(POCKET, temporaryFolder())!;
  const scorer = new Scorer(part, new SessionCache({ weightsRoot: WEIGHTS_ROOT }));
  const [count, ...shape] = io['in.pixel_values']!.shape as [number, ...number[]];
  const size = shape.reduce((a, b) => a * b, 1);
  const width = part.vision.projection_dim;
  for (let i = 0; i < count; i++) {
    const seen = await scorer.embedPicture(io['in.pixel_values']!.data.slice(i * size, (i + 1) * size));
    const wanted = io['out.image_embeds']!.data.subarray(i * width, (i + 1) * width);
    expect(relativeError(seen, wanted)).toBeLessThan(TOLERANCE);
  }
  const words = ['a whale', 'a cat', 'a palm tree', 'a thing', 'green grass', 'a red balloon'];
  const read = await scorer.embedWords([...words, 'a photo of a slice of pizza']);
  for (const [i, word] of read.entries()) {
    const wanted = io['out.text_embeds']!.data.subarray(i * width, (i + 1) * width);
    expect(relativeError(word, wanted)).toBeLessThan(TOLERANCE);
  }
});

it('words that could not be read once are read when they are asked for again', async () => {
  const sessions = new SessionCache({ weightsRoot: WEIGHTS_ROOT });
  const get = vi.spyOn(sessions, 'get').mockRejectedValueOnce(new Error('no memory'));
  const scorer = new Scorer(openScorer(POCKET, temporaryFolder())!, sessions);
  await expect(scorer.embedWords(['a cat', 'a dog'])).rejects.toThrow('no memory');
  await expect(scorer.embedWords(['a cat', 'a dog'])).resolves.toHaveLength(2);
  expect(get).toHaveBeenCalledTimes(2);
});

it('what is outside an item is grey, and so is what is past the rim', async () => {
  const picture = { width: 20, height: 20, data: new Uint8Array(20 * 20 * 3).fill(255) };
  const mask = { width: 20, height: 20, data: new Uint8Array(400) };
  for (let y = 0; y < 20; y++) mask.data.fill(1, y * 20, y * 20 + 4);
  const crop = await cropOf(picture, mask, 23, { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
  // 23 pixels wide, the item's four in the middle, its twenty rows between one or two of nothing
  expect(Math.abs(crop[11 * 23 + 2]!)).toBeLessThan(0.01);
  expect(crop[11 * 23 + 11]).toBeGreaterThan(0.99);
  expect(Math.abs(crop[0 * 23 + 11]!)).toBeLessThan(0.01);
});

it("others' CLIPs see the middle of a picture as transformers' CLIPImageProcessor crops it", async () => {
  const io = readFixture('scorer/io.safetensors');
  const { data, shape } = io['in.wide']!;
  const picture = { width: shape[1]!, height: shape[0]!, data: Uint8Array.from(data) };
  const pixels = await clipPixels(picture, {
    vision: { image_size: 48 },
    processor: { mean: [0.5, 0.4, 0.6], std: [0.5, 0.3, 0.4] },
  });
  const wanted = io['out.wide_pixels']!.data;
  // both round to bytes after a cubic kernel, at a hair's breadth of each other
  const differences = wanted.map((value, i) => Math.abs(value - pixels[i]!));
  expect(Math.max(...differences)).toBeLessThan(6 / 255 / 0.3);
  expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.5 / 255 / 0.3);
});

it("a whole CLIP's folder has its tokenizer beside it", () => {
  const folder = temporaryFolder();
  cpSync(join(POCKET, 'scorer'), folder, { recursive: true });
  expect(() => openClip(folder, temporaryFolder())).toThrow(/vocab\.json/);
  cpSync(join(POCKET, 'tokenizer'), folder, { recursive: true });
  expect(openClip(folder, temporaryFolder()).vision.image_size).toBe(48);
});
