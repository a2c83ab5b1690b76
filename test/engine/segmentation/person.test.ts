import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { areaOf, emptyMask, intersect, union } from '../../../src/engine/masks/mask.js';
import { connectedPieces } from '../../../src/engine/masks/morphology.js';
import type { Mask } from '../../../src/engine/raster.js';
import { lookCloser } from '../../../src/engine/segmentation/person/closer.js';
import { NETWORK_SIDE } from '../../../src/engine/segmentation/person/network.js';
import { look } from '../../../src/engine/segmentation/person/person.js';
import { Session } from '../../../src/engine/runtime/session.js';

const SIDE = NETWORK_SIDE;
const fixture = (file: string): string =>
  fileURLToPath(new URL(`../../fixtures/selfie/${file}`, import.meta.url));

/** One photograph of the sheets that training/selfie/fixture.py wrote: its pixels, and the original's mask of it. */
async function photograph(k: number) {
  const cell = { left: k * SIDE, top: 0, width: SIDE, height: SIDE };
  const data = await sharp(fixture('pictures.png')).extract(cell).raw().toBuffer();
  const bytes = await sharp(fixture('masks.png'))
    .extract(cell)
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer();
  const mask = new Uint16Array(bytes.buffer, bytes.byteOffset, SIDE * SIDE);
  return { picture: { width: SIDE, height: SIDE, data }, mask: Array.from(mask, (value) => value / 65535) };
}

it('a network that could not be compiled once is compiled for the next picture', async () => {
  vi.spyOn(Session, 'compile').mockRejectedValueOnce(new Error('no memory'));
  const { picture } = await photograph(0);
  await expect(look(picture)).rejects.toThrow('no memory');
  await expect(look(picture)).resolves.toMatchObject({ person: { length: SIDE * SIDE } });
});

/** A square of opacities in a picture, as a mask: more than half is in it. */
function placed(
  opacity: Uint8Array,
  { side, left, top }: { side: number; left: number; top: number },
  { width, height }: { width: number; height: number },
): Mask {
  const mask = emptyMask(width, height);
  for (let i = 0; i < opacity.length; i++) {
    if (opacity[i]! > 127) mask.data[(top + Math.floor(i / side)) * width + left + (i % side)] = 1;
  }
  return mask;
}

function largestPiece(mask: Mask): Mask {
  const { pieces, areas } = connectedPieces(mask);
  const largest = areas.indexOf(Math.max(...areas));
  return { ...mask, data: Uint8Array.from(pieces, (piece) => Number(piece === largest)) };
}

/** Intersection over union. */
const overlap = (a: Mask, b: Mask): number => areaOf(intersect(a, b)) / areaOf(union(a, b));

describe("MediaPipe's selfie segmentation as a graph of the engine's own", () => {
  it.each(['a portrait', 'a cat', 'a cup'])('%s: what the original says, within 1/255', async (name) => {
    const { picture, mask } = await photograph(['a portrait', 'a cat', 'a cup'].indexOf(name));
    expect(Math.max(...mask)).toBeGreaterThan(0.9);
    const { person } = await look(picture);
    const apart = person.reduce((most, value, i) => Math.max(most, Math.abs(value - mask[i]!)), 0);
    expect(apart * 255).toBeLessThan(0.1);
  });

  it('looks closer at somebody far away: what was missing is found, what stands beside goes', async () => {
    const { picture: near, mask } = await photograph(0);
    const size = { width: 720, height: 480 };
    const at = { side: 160, left: 300, top: size.height - 160 };
    const data = await sharp(near.data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .resize(at.side, at.side)
      .extend({
        ...{ left: at.left, top: at.top, right: size.width - at.left - at.side },
        extendWith: 'copy',
      })
      .raw()
      .toBuffer();
    const opacity = Buffer.from(Uint8Array.from(mask, (value) => value * 255));
    const truth = placed(
      await sharp(opacity, { raw: { width: SIDE, height: SIDE, channels: 1 } })
        .resize(at.side, at.side)
        .extractChannel(0)
        .raw()
        .toBuffer(),
      at,
      size,
    );
    // a first look that lost the lower quarter, and took a piece of the wall
    const first = Float32Array.from(truth.data, (inside, i) => {
      const [x, y] = [i % size.width, Math.floor(i / size.width)];
      const wall = y > 400 && y < 440 && x > 290 && x < 330;
      return wall ? 1 : y > at.top + 0.75 * at.side ? 0 : inside;
    });
    const marked: Mask = { ...size, data: Uint8Array.from(first) };
    const closer = await lookCloser({ ...size, data }, marked, first);
    expect(overlap(marked, truth)).toBeLessThan(0.7);
    expect(overlap(closer, truth)).toBeGreaterThan(0.93);
  });

  it('lets people be who fill the picture already', async () => {
    const { picture, mask } = await photograph(0);
    const marked: Mask = {
      width: SIDE,
      height: SIDE,
      data: Uint8Array.from(mask, (value) => Number(value > 0.5)),
    };
    const first = Float32Array.from(mask);
    expect(await lookCloser(picture, largestPiece(marked), first)).toEqual(largestPiece(marked));
  });
});
