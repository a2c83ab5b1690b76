/** Items without their ground, as a picture with alpha. */
import sharp from 'sharp';
import { type Cutout, eachInside } from '../draft/cutout.js';
import type { Box } from '../masks/mask.js';

/** The cutouts over nothing, where they lie in the picture: a PNG as large as the box around them. */
export async function transparentPng(cutouts: readonly Cutout[]): Promise<Uint8Array> {
  const box = cutouts.map((cutout) => cutout.box).reduce(around);
  const rgba = new Uint8Array(box.width * box.height * 4);
  for (const { box: at, foreground, alpha } of cutouts) {
    const inside = { ...at, left: at.left - box.left, top: at.top - box.top };
    eachInside(inside, box, (from, to) => {
      const over = alpha[from]! / 255;
      const under = rgba[to * 4 + 3]! / 255;
      const both = over + under * (1 - over);
      if (both === 0) return;
      for (let c = 0; c < 3; c++) {
        const mixed = foreground.data[from * 3 + c]! * over + rgba[to * 4 + c]! * under * (1 - over);
        rgba[to * 4 + c] = Math.round(mixed / both);
      }
      rgba[to * 4 + 3] = Math.round(both * 255);
    });
  }
  const raw = { width: box.width, height: box.height, channels: 4 } as const;
  return await sharp(rgba, { raw, limitInputPixels: false }).png().toBuffer();
}

function around(a: Box, b: Box): Box {
  const [left, top] = [Math.min(a.left, b.left), Math.min(a.top, b.top)];
  return {
    ...{ left, top },
    width: Math.max(a.left + a.width, b.left + b.width) - left,
    height: Math.max(a.top + a.height, b.top + b.height) - top,
  };
}
