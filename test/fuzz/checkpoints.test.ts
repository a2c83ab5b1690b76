import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Checkpoint } from '../../src/engine/checkpoint/layout.js';
import { openCheckpoint } from '../../src/engine/checkpoint/open.js';
import { readHeader, readMetadata, readTensor } from '../../src/engine/checkpoint/safetensors.js';
import { loadTokenizer } from '../../src/engine/checkpoint/tokenizer.js';
import { scheduleOf } from '../../src/engine/diffusion/schedules/index.js';
import { UserError } from '../../src/engine/errors.js';
import { autoencoderOf } from '../../src/engine/families/autoencoder.js';
import { familyOf } from '../../src/engine/families/index.js';
import { Graph } from '../../src/engine/graph/graph.js';
import { FIXTURES } from '../fixtures.js';
import { fuzz, mutate, mutateJson, oneOf, type Random } from './harness.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dedit-fuzz-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** More than any of these files needs, even expanded to float32; what a lie in a header asks for is far above it. */
const MOST_BYTES = 256 * 2 ** 20;
const LONGEST_MS = 5000;

function isSentence(message: string): void {
  expect(message, message).not.toMatch(/undefined|\[object|NaN/);
  expect(message).not.toMatch(/[\p{Cc}\p{Surrogate}\u2028\u2029]/u);
  expect(message.length).toBeLessThan(1100);
}

/** Does it, or says a sentence; with little memory, and soon. */
function clearly(work: () => void): void {
  const [start, held] = [performance.now(), process.memoryUsage().rss];
  try {
    work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    isSentence(error.message);
  }
  expect(process.memoryUsage().rss - held).toBeLessThan(MOST_BYTES);
  expect(performance.now() - start).toBeLessThan(LONGEST_MS);
}

/** The header's JSON as another, in front of the same bytes. */
function withHeader(file: Buffer, change: (header: unknown) => unknown): Buffer {
  const length = Number(file.readBigUInt64LE());
  const header = Buffer.from(JSON.stringify(change(JSON.parse(file.toString('utf8', 8, 8 + length)))) ?? '');
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([head, header, file.subarray(8 + length)]);
}

it('a safetensors file is read, or refused in a sentence', async () => {
  const whole = readFileSync(join(FIXTURES, 'lora', 'io.safetensors'));
  const file = join(dir, 'one.safetensors');
  await fuzz('safetensors', (random) => {
    const bytes = random(2) ? mutate(whole, random) : withHeader(whole, (h) => mutateJson(h, random));
    writeFileSync(file, random(8) ? bytes : mutate(bytes, random));
    clearly(() => {
      readMetadata(file);
      for (const info of readHeader(file).values()) {
        const elements = info.shape.reduce((n, d) => n * d, 1);
        expect(readTensor(info)).toHaveLength(elements);
      }
    });
  });
});

/** Files of a folder, by their names within it, that are small enough to be changed thousands of times. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort() // a seed means the same everywhere
    .filter((name) => {
      const stat = statSync(join(folder, name));
      return stat.isFile() && stat.size < 2 ** 20 && !/^(io|joint)\./.test(name);
    });

/** One file of the folder is changed while `work` is done; every second time one of those that people write by hand. */
function withOneChanged(folder: string, names: readonly string[], random: Random, work: () => void): void {
  const configs = names.filter((name) => /(?:config|index|map|dedit)\.json$/.test(name));
  const file = join(folder, oneOf(random, random(2) ? names : configs));
  const whole = readFileSync(file);
  const change = (): Buffer => {
    if (random(4) === 0) return mutate(whole, random);
    if (file.endsWith('.safetensors')) return withHeader(whole, (header) => mutateJson(header, random));
    if (!file.endsWith('.json')) return mutate(whole, random);
    return Buffer.from(JSON.stringify(mutateJson(JSON.parse(whole.toString()), random)) ?? '');
  };
  if (random(30) === 0) rmSync(file);
  else writeFileSync(file, change());
  try {
    work();
  } finally {
    writeFileSync(file, whole);
  }
}

/** What is asked of a checkpoint before ONNX Runtime sees anything of it. */
function build(checkpoint: Checkpoint): void {
  const schedule = scheduleOf(checkpoint.scheduler);
  for (const level of [0, 1, schedule.levels - 1]) expect(schedule.sigma(level)).toBeGreaterThanOrEqual(0);
  const { text, denoiser } = familyOf(checkpoint);
  const graph = new Graph();
  const window = Math.min(40, ...checkpoint.textEncoders.map((e) => e.config.max_position_embeddings));
  for (const { tokenizer } of checkpoint.textEncoders)
    expect(tokenizer.encode('a red ball', { maxLength: window }).ids).toHaveLength(window);
  const condition = text.joined(text.encode(graph, 1, window), 1);
  expect(denoiser.nativeCells).toBeLessThan(10_000);
  const side = denoiser.multiple;
  const { channels } = denoiser;
  const bias = (h: number, w: number) => graph.constant(new Float32Array(h * w * window), [1, h * w, window]);
  denoiser.predict(
    graph,
    {
      ...{ condition, bias, timestep: graph.input('timestep', [1]) },
      sample: graph.input('sample', [1, channels, side, side]),
      ...(denoiser.embedsGuidance ? { guidance: graph.input('guidance', [1]) } : {}),
      ...(denoiser.fillsHoles ? { hole: graph.input('hole', [1, 1 + channels, side, side]) } : {}),
    },
    {},
  );
  const vae = autoencoderOf(checkpoint.vae);
  vae.decode(graph, graph.input('latents', [1, vae.channels, 4, 4]));
}

it('a checkpoint is opened and built, or refused in a sentence', async () => {
  const folders = ['tiny-sd', 'tiny-sdxl'].map((name) => {
    const folder = join(dir, name);
    cpSync(join(FIXTURES, name), folder, { recursive: true });
    cpSync('checkpoints/pocket/dedit.json', join(folder, 'dedit.json'));
    return [folder, filesIn(folder)] as const;
  });
  const cacheDir = join(dir, 'cache');
  for (const [folder] of folders) build(openCheckpoint(folder, { cacheDir }));
  await fuzz('checkpoints', (random) => {
    const [folder, names] = oneOf(random, folders);
    withOneChanged(folder, names, random, () => clearly(() => build(openCheckpoint(folder, { cacheDir }))));
    if (random(20) === 0) rmSync(cacheDir, { recursive: true, force: true });
  });
});

it('a tokenizer is read and used, or refused in a sentence', async () => {
  const folder = join(dir, 'tokenizer');
  cpSync(join(FIXTURES, 'tokenizer'), folder, { recursive: true });
  const names = filesIn(folder).filter((name) => !/^(cases|variants)\./.test(name));
  await fuzz('tokenizers', (random) => {
    withOneChanged(folder, names, random, () =>
      clearly(() => {
        const { ids } = loadTokenizer(folder).encode("it's <|endoftext|> 3 DOGS 🙏", { maxLength: 40 });
        expect(ids).toHaveLength(40);
        expect(ids.every((id) => Number.isSafeInteger(id) && id >= 0)).toBe(true);
      }),
    );
  });
});
