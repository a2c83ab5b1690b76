/** Where an item goes that is to be at a place: how far it moves from where it is. */
import { UserError } from '../errors.js';
import { requireItem } from '../masks/labelMap.js';
import { type Box, boundsOf, centroidOf, maskOf } from '../masks/mask.js';
import type { LabelMap } from '../raster.js';

/** To the right and down, in pixels. */
export interface Way {
  readonly dx: number;
  readonly dy: number;
}

/** Layers are laid on whole pixels. */
export const inPixels = ({ dx, dy }: Way): Way => ({ dx: Math.round(dx), dy: Math.round(dy) });

export type Side = 'left' | 'right' | 'above' | 'below' | 'on';

/** Where an item's middle is to be; what is not said stays. */
export interface Place {
  readonly x?: number;
  readonly y?: number;
  /** Only as far as all of it stays in the picture: "to the left edge". */
  readonly inside?: true;
}

/** Between an item and what it is put beside, as a share of the picture's width. */
export const GAP = 0.015;
/** How much of an item stays to be seen of it when it goes behind another, as a share of its width. */
const SEEN = 0.5;

/** @throws UserError when the place lies outside the picture, or it is there already */
export function wayTo(labels: LabelMap, item: number, place: Place): Way {
  requireItem(labels, item);
  const mask = maskOf(labels, item);
  const centre = centroidOf(mask)!;
  const { x = centre.x, y = centre.y, inside } = place;
  if (x >= labels.width || y >= labels.height)
    throw new UserError(
      `${x},${y} lies outside the picture: it is ${labels.width} wide and ${labels.height} high`,
    );
  const [dx, dy] = [x - centre.x, y - centre.y];
  if (!inside) return { dx, dy };
  const { left, top, width, height } = boundsOf(mask)!;
  const way = {
    dx: within(dx, -left, labels.width - left - width),
    dy: within(dy, -top, labels.height - top - height),
  };
  if (Math.round(way.dx) === 0 && Math.round(way.dy) === 0)
    throw new UserError(
      `item ${item + 1} is as far there as it can be with all of it in the picture: say for example "move ${item + 1} left 10%" to go on`,
    );
  return way;
}

const within = (way: number, least: number, most: number): number => Math.min(Math.max(way, least), most);

/** At the other's foot left or right (where there is more room, when nobody says), above or below it, or with its foot on the middle of it. */
export function wayBeside(labels: LabelMap, item: number, other: number, side?: Side): Way {
  const [mine, its] = boxes(labels, item, other);
  const gap = Math.round(labels.width * GAP);
  const across = Math.round(its.left + its.width / 2 - mine.left - mine.width / 2);
  const foot = its.top + its.height - (mine.top + mine.height);
  switch (side ?? roomier(labels, its)) {
    case 'above':
      return { dx: across, dy: its.top - gap - (mine.top + mine.height) };
    case 'below':
      return { dx: across, dy: its.top + its.height + gap - mine.top };
    case 'on':
      return { dx: across, dy: Math.round(its.top + its.height / 2) - (mine.top + mine.height) };
    case 'left':
      return { dx: its.left - gap - (mine.left + mine.width), dy: foot };
    case 'right':
      return { dx: its.left + its.width + gap - mine.left, dy: foot };
  }
}

/** Half hidden by the other, on the side that it is on already, its foot a little higher: farther away. */
export function wayBehind(labels: LabelMap, item: number, other: number): Way {
  const [mine, its] = boxes(labels, item, other);
  const fromLeft = mine.left + mine.width / 2 <= its.left + its.width / 2;
  const seen = Math.round(mine.width * SEEN);
  const lift = Math.round(mine.height * GAP * 4);
  return {
    dx: fromLeft ? its.left - seen - mine.left : its.left + its.width + seen - (mine.left + mine.width),
    dy: its.top + its.height - lift - (mine.top + mine.height),
  };
}

function boxes(labels: LabelMap, item: number, other: number): [Box, Box] {
  requireItem(labels, item);
  requireItem(labels, other);
  return [boundsOf(maskOf(labels, item))!, boundsOf(maskOf(labels, other))!];
}

/** The side of a box on which there is more room. */
export const roomier = (labels: LabelMap, { left, width }: Box): 'left' | 'right' =>
  left > labels.width - left - width ? 'left' : 'right';
