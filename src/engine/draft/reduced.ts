/** The picture around an item made small, to look for its shadow in. */
import { type Box, emptyMask } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';

/** Its longer side has at most so many pixels. */
const SIDE = 128;
/** Of a small pixel's rows and columns about so many are looked at, or up to twice as many. */
const SAMPLES = 4;

export interface Small {
  /** Means over about step x step pixels: of the ground alone where there is any. */
  readonly picture: Raster;
  readonly step: number;
  /** 1 where any pixel is the item's. */
  readonly item: Mask;
  /** 1 where all pixels are ground. */
  readonly ground: Mask;
  /** 1 where any pixel is neither. */
  readonly others: Mask;
}

/** What the box holds, made small. */
export function reduced(picture: Raster, item: Mask, ground: Mask, box: Box): Small {
  const step = Math.max(1, Math.ceil(Math.max(box.width, box.height) / SIDE));
  const width = Math.ceil(box.width / step);
  const height = Math.ceil(box.height / step);
  const data = new Uint8Array(width * height * 3);
  const items = emptyMask(width, height);
  const grounds = emptyMask(width, height);
  const others = emptyMask(width, height);
  const small = { picture: { width, height, data }, step, item: items, ground: grounds, others };
  const apart = Math.max(1, Math.floor(step / SAMPLES));
  eachCell(small, box, (cell, left, top, right, bottom) => {
    let [red, green, blue, count, its, all] = [0, 0, 0, 0, 0, 0];
    for (let y = top; y < bottom; y += apart) {
      for (let i = y * picture.width + left, end = y * picture.width + right; i < end; i += apart) {
        all++;
        its += item.data[i]!;
        if (!ground.data[i] || item.data[i]) continue;
        count++;
        red += picture.data[i * 3]!;
        green += picture.data[i * 3 + 1]!;
        blue += picture.data[i * 3 + 2]!;
      }
    }
    items.data[cell] = Number(its > 0);
    grounds.data[cell] = Number(count === all);
    others.data[cell] = Number(its + count < all);
    [red, green, blue].forEach((sum, c) => (data[cell * 3 + c] = Math.round(sum / Math.max(1, count))));
  });
  return small;
}

/** Visits every small pixel with the columns and rows that it stands for, the last ones exclusive. */
export function eachCell(
  { step, picture: { width, height } }: Pick<Small, 'step' | 'picture'>,
  box: Box,
  visit: (cell: number, left: number, top: number, right: number, bottom: number) => void,
): void {
  for (let v = 0; v < height; v++) {
    const top = box.top + v * step;
    const bottom = Math.min(top + step, box.top + box.height);
    for (let u = 0; u < width; u++) {
      const left = box.left + u * step;
      visit(v * width + u, left, top, Math.min(left + step, box.left + box.width), bottom);
    }
  }
}
