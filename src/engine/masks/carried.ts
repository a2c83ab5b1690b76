/** Items turned, mirrored, doubled, and left alone: more of what people do to shapes, see shapes.ts. */
import { UserError } from '../errors.js';
import type { LabelMap, Mask } from '../raster.js';
import { areasOf, nextLabel, requireItem } from './labelMap.js';
import { areaOf, centroidOf, emptyMask, maskOf } from './mask.js';
import { place, shifted } from './shapes.js';

/** Turns an item about its centroid by degrees, clockwise; what leaves the picture is cut off. */
export function rotateItem(labels: LabelMap, item: number, degrees: number): LabelMap {
  requireItem(labels, item);
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return mapped(labels, item, (dx, dy) => [cos * dx + sin * dy, cos * dy - sin * dx]);
}

/** Mirrors an item about the upright line through its centroid. */
export function flipItem(labels: LabelMap, item: number): LabelMap {
  requireItem(labels, item);
  return mapped(labels, item, (dx, dy) => [-dx, dy]);
}

/** The item once more as a new last label, moved by whole pixels, over everything. */
export function copyItem(labels: LabelMap, item: number, dx: number, dy: number): LabelMap {
  requireItem(labels, item);
  const copy = nextLabel(labels);
  const mask = shifted(maskOf(labels, item), Math.round(dx), Math.round(dy));
  if (areaOf(mask) === 0)
    throw new UserError(`the copy of item ${item + 1} would lie outside the picture: copy it less far`);
  return place(labels, [{ item: copy, mask }]);
}

/** Everything but these items goes to the ground, which is the first item. */
export function keepItems(labels: LabelMap, items: readonly number[]): LabelMap {
  for (const item of items) requireItem(labels, item);
  const kept = new Set([0, ...items]);
  const others = areasOf(labels).flatMap((area, label) => (area > 0 && !kept.has(label) ? [label] : []));
  if (others.length === 0)
    throw new UserError('that is all there is: there is no other item to take out, see "show"');
  return { ...labels, data: labels.data.map((label) => (kept.has(label) ? label : 0)) };
}

/** Lays the item where its centroid's surroundings come from `from`: an offset after, to the offset before. */
function mapped(
  labels: LabelMap,
  item: number,
  from: (dx: number, dy: number) => readonly [number, number],
): LabelMap {
  const mask = maskOf(labels, item);
  const centre = centroidOf(mask)!;
  const turned: Mask = emptyMask(mask.width, mask.height);
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      const [dx, dy] = from(x - centre.x, y - centre.y);
      const [fx, fy] = [Math.round(centre.x + dx), Math.round(centre.y + dy)];
      if (fx < 0 || fy < 0 || fx >= mask.width || fy >= mask.height) continue;
      turned.data[y * mask.width + x] = mask.data[fy * mask.width + fx]!;
    }
  }
  if (areaOf(turned) === 0)
    throw new UserError(`item ${item + 1} would vanish: it is too thin to be turned by that`);
  return place(labels, [{ item, mask: turned }]);
}
