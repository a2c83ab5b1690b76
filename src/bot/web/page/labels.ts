import { contoursOf, pathOf } from './contours.js';
import type { Point, Size } from './view.js';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What there is to know of an item to draw and hold it; lengths are pixels of the map. */
export interface Shape {
  readonly item: number;
  readonly area: number;
  readonly box: Box;
  readonly centre: Point;
  /** Where its number sits: as far inside as it gets. */
  readonly badge: Point;
  /** Outline, as the `d` of an SVG path. */
  readonly path: string;
  /** What lies behind the others: dragging it moves the picture, not the item. */
  readonly ground: boolean;
}

/** Which item each pixel belongs to; usually smaller than the picture. */
export interface Labels extends Size {
  readonly data: Uint8Array;
  /** By item; undefined for one without pixels. */
  readonly shapes: readonly (Shape | undefined)[];
}

/** Reads a greyscale PNG as bytes, to the bit: no colour management, no scaling. */
export async function readGrey(address: string): Promise<Size & { data: Uint8Array }> {
  const response = await fetch(address);
  if (!response.ok) throw new Error('the outlines could not be read');
  const bitmap = await createImageBitmap(await response.blob(), {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = rgba[4 * i]!;
  return { width, height, data };
}

export async function readLabels(address: string): Promise<Labels> {
  const grey = await readGrey(address);
  return { ...grey, shapes: shapesOf(grey) };
}

/** The item under a point given as shares of the picture. */
export function itemAt({ width, height, data }: Labels, x: number, y: number): number | undefined {
  if (x < 0 || y < 0 || x >= 1 || y >= 1) return undefined;
  return data[Math.floor(y * height) * width + Math.floor(x * width)];
}

export function shapesOf({ width, height, data }: Size & { data: Uint8Array }): (Shape | undefined)[] {
  const sums: { area: number; x: number; y: number; box: number[]; sides: Set<string> }[] = [];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const sum = (sums[data[i]!] ??= { area: 0, x: 0, y: 0, box: [x, y, x, y], sides: new Set() });
      sum.area++;
      sum.x += x;
      sum.y += y;
      const { box } = sum;
      if (x < box[0]!) box[0] = x;
      if (x > box[2]!) box[2] = x;
      if (y > box[3]!) box[3] = y;
    }
  const inner = innermost(width, height, data);
  return Array.from(sums, (sum, item) => {
    if (!sum) return undefined;
    const [left, top, right, bottom] = sum.box.map((side, i) => side + (i > 1 ? 1 : 0)) as [
      number,
      number,
      number,
      number,
    ];
    const sides = [left === 0, top === 0, right === width, bottom === height].filter(Boolean).length;
    return {
      ...{ item, area: sum.area, box: { left, top, right, bottom }, badge: inner[item]! },
      centre: { x: sum.x / sum.area + 0.5, y: sum.y / sum.area + 0.5 },
      path: pathOf(contoursOf(data, width, height, item)),
      ground: sides >= 3 || (sides >= 2 && sum.area > data.length / 2),
    };
  });
}

/**
 * For each item the pixel that is farthest from other items and the border: a two-pass city-block distance, as
 * Rosenfeld and Pfaltz (1966) have it.
 */
function innermost(width: number, height: number, data: Uint8Array): Point[] {
  const far = new Uint16Array(data.length);
  const step = (i: number, x: number, y: number, sign: number): number => {
    const [beside, above] = [i - sign, i - sign * width];
    const inRow = sign > 0 ? x > 0 : x < width - 1;
    const inColumn = sign > 0 ? y > 0 : y < height - 1;
    const a = inRow && data[beside] === data[i] ? far[beside]! : 0;
    const b = inColumn && data[above] === data[i] ? far[above]! : 0;
    return Math.min(a, b) + 1;
  };
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) far[i] = step(i, x, y, 1);
  const best: (Point & { far: number })[] = [];
  for (let y = height - 1, i = data.length - 1; y >= 0; y--)
    for (let x = width - 1; x >= 0; x--, i--) {
      far[i] = Math.min(far[i]!, step(i, x, y, -1));
      const known = best[data[i]!];
      if (!known || far[i]! > known.far) best[data[i]!] = { x: x + 0.5, y: y + 0.5, far: far[i]! };
    }
  return best;
}

/** An item's own pixels, the rest transparent, cut to its box: what follows the pointer while it is dragged. */
export function ghostOf(
  picture: CanvasImageSource,
  labels: Labels,
  shape: Shape,
  scale: number,
): HTMLCanvasElement {
  const { left, top, right, bottom } = shape.box;
  const [width, height] = [right - left, bottom - top];
  const mask = new OffscreenCanvas(width, height);
  const pixels = new ImageData(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (labels.data[(top + y) * labels.width + left + x] === shape.item)
        pixels.data[4 * (y * width + x) + 3] = 255;
  mask.getContext('2d')!.putImageData(pixels, 0, 0);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d')!;
  context.drawImage(mask, 0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = 'source-in';
  const of = picture as { width: number; height: number; naturalWidth?: number; naturalHeight?: number };
  const [sx, sy] = [
    (of.naturalWidth ?? of.width) / labels.width,
    (of.naturalHeight ?? of.height) / labels.height,
  ];
  context.drawImage(picture, left * sx, top * sy, width * sx, height * sy, 0, 0, canvas.width, canvas.height);
  return canvas;
}
