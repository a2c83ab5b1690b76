import { coverOf } from '../draft/cutout.js';
import { lay } from '../draft/carry.js';
import { UserError } from '../errors.js';
import { requireItem } from '../masks/labelMap.js';
import { maskOf } from '../masks/mask.js';
import type { LabelMap } from '../raster.js';
import { cutoutOf } from './arrange.js';
import { type CutPicture, type Layer, type PictureEditKind, sameItems } from './kind.js';
import { relabelled } from './regions.js';

/** An item over all that overlap it, or under them; under one alone when `behind` names it. */
export interface Order {
  readonly kind: 'order';
  readonly item: number;
  readonly to: 'front' | 'back';
  readonly behind?: number;
}

export const order: PictureEditKind<Order> = {
  kind: 'order',
  needs: 'nothing',
  keepsNumbers: false,
  itemsAfter: sameItems,
  withItems: (edit, now) => ({
    ...edit,
    item: now(edit.item),
    ...(edit.behind === undefined ? {} : { behind: now(edit.behind) }),
  }),
  plan: (before, edit) => relabelled(relaid(before.labels, onTop(before, edit)), before.items),
  async draft(before, edit, plan) {
    const top = onTop(before, edit);
    const raised = new Set(top.map(({ item }) => item));
    // what is covered now keeps its pixels: the item that goes back, or all that it had lain under
    const covered = before.items.flatMap((_, item): Layer[] => {
      if (raised.has(item) || item === 0) return [];
      const known = before.layers?.find((layer) => layer.item === item);
      if (known) return [known];
      const mask = maskOf(before.labels, item);
      const lost = mask.data.some((inside, i) => inside && plan.labels.data[i] !== item);
      return lost ? [{ item, cutout: cutoutOf(before, item) }] : [];
    });
    const picture = lay(
      before.picture,
      top.map(({ cutout }) => cutout),
    );
    return { picture, labels: plan.labels, items: plan.items, layers: covered };
  },
};

/**
 * What is laid over the picture as it is.
 * @throws UserError when nothing overlaps as far as is known
 */
function onTop(before: CutPicture, { item, to, behind }: Order): readonly Layer[] {
  const { labels, layers = [] } = before;
  requireItem(labels, item);
  if (behind !== undefined) requireItem(labels, behind);
  if (behind === item) throw new UserError(`item ${item + 1} cannot lie behind itself: name two items`);
  const mine = maskOf(labels, item);
  const chosen =
    to === 'front'
      ? layers.filter((layer) => layer.item === item)
      : layers.filter(
          (layer) =>
            layer.item !== item &&
            (behind === undefined || layer.item === behind) &&
            coverOf(layer.cutout, labels).data.some((inside, i) => inside && mine.data[i]),
        );
  if (chosen.length > 0) return chosen;
  const what = to === 'front' ? 'nothing covers' : 'nothing is known to lie under';
  throw new UserError(
    `${what} item ${item + 1}: what an item hides is known once it was moved, copied or resized over another`,
  );
}

function relaid(labels: LabelMap, top: readonly Layer[]): LabelMap {
  const data = Uint8Array.from(labels.data);
  for (const { item, cutout } of top) {
    const cover = coverOf(cutout, labels);
    for (let i = 0; i < data.length; i++) if (cover.data[i]) data[i] = item;
  }
  const after = { ...labels, data };
  for (const label of new Set(labels.data))
    if (!data.includes(label))
      throw new UserError(
        `item ${label + 1} would be hidden completely: move it first, or remove it with "remove ${label + 1}"`,
      );
  return after;
}
