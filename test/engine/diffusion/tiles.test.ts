import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { resolveCheckpoint } from '../../../src/app/checkpoints.js';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pictures } from '../../../src/engine/diffusion/pictures.js';
import { spans, tilingOf } from '../../../src/engine/diffusion/tiles.js';
import { autoencoderOf } from '../../../src/engine/families/autoencoder.js';
import { footprint } from '../../../src/engine/graph/footprint.js';
import { SessionCache } from '../../../src/engine/runtime/sessionCache.js';
import { workingBytes } from '../../../src/engine/runtime/thrift.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

describe('the places of tiles', () => {
  it('cover a side, each sharing a quarter with the next', () => {
    expect(spans(56, 2)).toEqual([
      { start: 0, size: 32 },
      { start: 24, size: 32 },
    ]);
    for (const [length, count] of [
      [128, 3],
      [131, 4],
      [40, 1],
    ] as const) {
      const tiles = spans(length, count);
      expect(tiles[0]!.start).toBe(0);
      const { start, size } = tiles.at(-1)!;
      expect(start + size).toBe(length);
      for (const [i, tile] of tiles.slice(1).entries()) {
        const shared = tiles[i]!.start + size - tile.start;
        expect(Math.abs(shared - size / 4)).toBeLessThan(2);
      }
    }
  });

  it('are as few as fit, and never tiny', () => {
    const most = (cells: number) => (w: number, h: number) => w * h <= cells;
    const counts = (width: number, height: number, cells: number) => {
      const { rows, columns } = tilingOf(width, height, most(cells));
      return [columns.length, rows.length];
    };
    expect(counts(128, 128, 128 ** 2)).toEqual([1, 1]);
    expect(counts(128, 128, 128 * 74)).toEqual([1, 2]);
    expect(counts(128, 128, 74 ** 2)).toEqual([2, 2]);
    expect(counts(572, 29, 64 * 64)).toEqual([6, 1]);
    expect(tilingOf(128, 128, () => false).rows[0]!.size).toBeLessThanOrEqual(32);
  });
});

/** The PyTorch side is training/reference/tiles_fixture.py. */
describe('an autoencoder in tiles', () => {
  const io = readFixture('models/tiles/io.safetensors');
  const { vae, weightsRoot } = openCheckpoint(join(FIXTURES, 'tiny-sdxl'), { cacheDir: temporaryFolder() });
  const autoencoder = autoencoderOf(vae);
  const sessions = new SessionCache({ weightsRoot });
  const whole = new Pictures(autoencoder, sessions);
  const tile = (half: 'encoder' | 'decoder') => workingBytes(footprint(whole.graph(half, 32, 32, {})));
  const tiled = new Pictures(autoencoder, sessions, Math.max(tile('encoder'), tile('decoder')));
  const [COLUMNS, ROWS, FACTOR, SHARED] = [80, 56, 4, 8];
  const compared = (x: number, y: number, cell: number) =>
    x < (COLUMNS - SHARED) * cell && y < (ROWS - SHARED) * cell;
  const decoded = sharp(join(FIXTURES, 'models', 'tiles', 'decoded.png'))
    .raw()
    .toBuffer();

  it('decodes as diffusers does', async () => {
    expect(tiled.passes(COLUMNS, ROWS).map((graph) => graph.inputs[0]!.shape)).toEqual([
      [1, 3, 128, 128],
      [1, 4, 32, 32],
    ]);
    const { width, data } = await tiled.decode(io['in.latents']!);
    const reference = await decoded;
    let most = 0;
    for (const [i, value] of data.entries()) {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      if (compared(x, y, FACTOR)) most = Math.max(most, Math.abs(value - reference[i]!));
    }
    expect(most).toBeLessThanOrEqual(1);
  });

  it('encodes as diffusers does', async () => {
    const picture = { width: COLUMNS * FACTOR, height: ROWS * FACTOR, data: new Uint8Array(await decoded) };
    const inside = (_: number, i: number) => compared(i % COLUMNS, Math.floor(i / COLUMNS) % ROWS, 1);
    const found = (await tiled.encode(picture)).data as Float32Array;
    expect(relativeError(found.filter(inside), io['out.latents']!.data.filter(inside))).toBeLessThan(1e-5);
  });
});

it("a trained autoencoder's tiles are close to one pass, whose group norms saw everything", async () => {
  const { vae, weightsRoot } = openCheckpoint(resolveCheckpoint('pocket'), { cacheDir: temporaryFolder() });
  const [autoencoder, sessions] = [autoencoderOf(vae), new SessionCache({ weightsRoot })];
  const whole = new Pictures(autoencoder, sessions);
  const half = workingBytes(footprint(whole.graph('decoder', 23, 32, {})));
  const tiled = new Pictures(autoencoder, sessions, half);
  const [width, height] = [320, 256];
  const data = await sharp('examples/astronaut.jpg').resize(width, height).raw().toBuffer();
  const latents = await whole.encode({ width, height, data: new Uint8Array(data) });
  const [once, cut] = [await whole.decode(latents), await tiled.decode(latents)];
  const apart = cut.data.reduce((sum, v, i) => sum + Math.abs(v - once.data[i]!), 0) / cut.data.length;
  expect(apart).toBeGreaterThan(0);
  expect(apart).toBeLessThan(5);
});
