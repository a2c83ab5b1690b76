import { areasOf, requireItem } from '../masks/labelMap.js';
import { boundsOf, maskOf } from '../masks/mask.js';
import type { LabelMap } from '../raster.js';
import { type Item, named, type PictureEditKind, sameItems, withItem } from './kind.js';
import { around } from './regions.js';

/** Something else in the place of an item. */
export interface Replace {
  readonly kind: 'replace';
  readonly item: number;
  readonly prompt: string;
}

export const replace: PictureEditKind<Replace> = {
  kind: 'replace',
  needs: 'nothing',
  itemsAfter: sameItems,
  withItems: withItem,
  plan({ labels, items }, { item, prompt }, options) {
    requireItem(labels, item);
    const placed: Item = { name: nameOf(prompt), prompt: { kind: 'text', text: prompt } };
    const roomy = withRoom(labels, item);
    return around(maskOf(roomy, item), roomy, items.with(item, placed), options);
  },
};

/**
 * Another thing has another outline: the item is widened to an ellipse around its box, at the cost of the largest
 * other item (the ground) alone. An item that is the largest itself stays as it is, and so does one that would hide
 * all of the ground.
 */
function withRoom(labels: LabelMap, item: number): LabelMap {
  const areas = areasOf(labels);
  const ground = areas.indexOf(Math.max(...areas));
  if (item === ground) return labels;
  const box = boundsOf(maskOf(labels, item))!;
  const [cx, cy] = [box.left + box.width / 2 - 0.5, box.top + box.height / 2 - 0.5];
  const [width, height] = [Math.max(box.width, SLIM * box.height), Math.max(box.height, SLIM * box.width)];
  const data = labels.data.map((label, i) => {
    if (label !== ground) return label;
    const [dx, dy] = [
      ((i % labels.width) - cx) / (width / 2),
      (Math.floor(i / labels.width) - cy) / (height / 2),
    ];
    return dx * dx + dy * dy <= ROOM ? item : label;
  });
  return data.includes(ground) ? { ...labels, data } : labels;
}

/** The ellipse is no slimmer than this: in the place of an ice cream two cats were drawn, one above the other. */
const SLIM = 0.7;

/** Squared radius of the ellipse in half-sides of the box: it passes a little outside the sides' middles. */
const ROOM = 1.2;

/** "a golden retriever" is listed as "golden retriever". */
const nameOf = (prompt: string): string =>
  named(prompt.replace(/^(?:an?|the|some) /i, '').replace(/\s+/g, ' '));
