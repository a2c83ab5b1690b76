/** What things.py wrote, the outlines that a thing is cut out along, and what others need to do the same. */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { edgeBand } from '../../dist/engine/draft/edgeBand.js';
import { cutAlong } from '../../dist/engine/draft/cut.js';
import { decodePicture } from '../../dist/engine/editor.js';
import { dilate, erode } from '../../dist/engine/masks/morphology.js';

/** A thing: its picture, alpha 0–255, own colours, another ground, and its outline as a mask. */
export async function readThing(dir, name) {
  const at = (ending) => join(dir, `${name}.${ending}`);
  const plane = async (ending) => await sharp(at(ending)).extractChannel(0).raw().toBuffer();
  const raster = async (ending) => (await decodePicture(at(ending))).picture;
  const picture = await raster('png');
  const mask = { ...picture, data: Uint8Array.from(await plane('mask.png'), (value) => Number(value > 0)) };
  const [alpha, own, onto] = [await plane('alpha.png'), await raster('thing.png'), await raster('onto.png')];
  return { ...JSON.parse(readFileSync(at('json'), 'utf8')), picture, mask, alpha, own, onto };
}

/** By what they are called: the true one, and three that are a pixel off. */
export const outlinesOf = (mask) => ({
  true: mask,
  right: { ...mask, data: mask.data.map((_, i) => mask.data[Math.max(0, i - 1)]) },
  wide: dilate(mask, 1),
  narrow: erode(mask, 1),
});

/** Where the cut along such an outline lies in the picture. */
export const boxOf = ({ picture, mask }, outline) => cutAlong(picture, outlinesOf(mask)[outline]).box;

/** Writes the cut's pixels and its trimap: all is sure but the band that ours works in. */
export async function writeCut(path, { box, band, inside, colours }) {
  const { width, height } = box;
  const { unsure } = edgeBand({ width, height, data: inside }, { ...box, left: 0, top: 0 }, band);
  await sharp(colours, { raw: { width, height, channels: 3 } }).toFile(`${path}.png`);
  await sharp(
    inside.map((value, p) => (unsure[p] ? 128 : 255 * value)),
    { raw: { width, height, channels: 1 } },
  )
    .toColourspace('b-w')
    .toFile(`${path}.trimap.png`);
}

export async function writeCutout(path, { foreground, alpha }) {
  const { width, height, data } = foreground;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .joinChannel(Buffer.from(alpha), { raw: { width, height, channels: 1 } })
    .toFile(path);
}

export async function readCutout(path, box) {
  const rgba = await sharp(path).raw().toBuffer();
  const data = rgba.filter((_, i) => i % 4 !== 3);
  return { box, foreground: { ...box, data }, alpha: rgba.filter((_, i) => i % 4 === 3) };
}
