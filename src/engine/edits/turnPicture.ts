import type { Cutout } from '../draft/cutout.js';
import type { Box } from '../masks/mask.js';
import type { Item, PictureEditKind } from './kind.js';
import { relabelled } from './regions.js';

/** The whole picture: mirrored left to right if so, then turned clockwise by quarters. */
export interface TurnPicture {
  readonly kind: 'turnPicture';
  readonly mirrored: boolean;
  readonly quarters: 0 | 1 | 2 | 3;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export const turnPicture: PictureEditKind<TurnPicture> = {
  kind: 'turnPicture',
  needs: 'nothing',
  itemsAfter: (items) => [...items],
  withItems: (edit) => edit,
  plan: ({ labels, items }, edit) =>
    relabelled(
      { ...sizeAfter(labels, edit), data: turned(labels.data, labels, 1, edit) },
      items.map((item) => renamed(item, edit)),
    ),
  async draft({ picture, layers = [] }, edit, { labels, items }) {
    return {
      ...{ labels, items },
      picture: { ...sizeAfter(picture, edit), data: turned(picture.data, picture, 3, edit) },
      layers: layers.map(({ item, cutout }) => ({ item, cutout: cutoutAfter(cutout, picture, edit) })),
    };
  },
};

const sizeAfter = ({ width, height }: Size, { quarters }: TurnPicture): Size =>
  quarters % 2 === 0 ? { width, height } : { width: height, height: width };

/** @param data of a picture of this size, row by row, so many bytes a pixel */
function turned(
  data: Uint8Array,
  { width, height }: Size,
  channels: number,
  { mirrored, quarters }: TurnPicture,
): Uint8Array {
  const after = new Uint8Array(data.length);
  // how far a step to the right and a step down lead in what comes of it, and where they begin
  const [right, down, from] = (
    [
      [1, width, 0],
      [height, -1, height - 1],
      [-1, -width, width * height - 1],
      [-height, 1, (width - 1) * height],
    ] as const
  )[quarters];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const to = (from + (mirrored ? width - 1 - x : x) * right + y * down) * channels;
      const at = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) after[to + c] = data[at + c]!;
    }
  return after;
}

function boxAfter(box: Box, { width, height }: Size, { mirrored, quarters }: TurnPicture): Box {
  const left = mirrored ? width - box.left - box.width : box.left;
  const [right, bottom] = [width - left - box.width, height - box.top - box.height];
  const [x, y] = (
    [
      [left, box.top],
      [bottom, left],
      [right, bottom],
      [box.top, right],
    ] as const
  )[quarters];
  const across = quarters % 2 === 0;
  return { left: x, top: y, width: across ? box.width : box.height, height: across ? box.height : box.width };
}

function cutoutAfter({ box, foreground, alpha }: Cutout, picture: Size, edit: TurnPicture): Cutout {
  return {
    box: boxAfter(box, picture, edit),
    foreground: { ...sizeAfter(box, edit), data: turned(foreground.data, box, 3, edit) },
    alpha: turned(alpha, box, 1, edit),
  };
}

/** Clockwise. */
const SIDES = ['left', 'top', 'right', 'bottom'];

/** "left cup" is the right one in a mirror. */
function renamed({ name, prompt }: Item, { mirrored, quarters }: TurnPicture): Item {
  const after = name.replace(/\b(?:left|top|right|bottom)\b/g, (side) => {
    const at = SIDES.indexOf(side);
    const there = mirrored && at % 2 === 0 ? 2 - at : at;
    return SIDES[(there + quarters) % SIDES.length]!;
  });
  return { name: after.replace(/\b(left|right) (top|bottom)\b/g, '$2 $1'), prompt };
}
