import { eachCovered, liesOn } from '../draft/cutout.js';
import { lay } from '../draft/carry.js';
import { UserError } from '../errors.js';
import { areasOf, requireItem } from '../masks/labelMap.js';
import { maskOf } from '../masks/mask.js';
import type { LabelMap } from '../raster.js';
import { moveItem } from '../masks/shapes.js';
import { arranged } from './arrange.js';
import { carried, cutoutOf } from './cutouts.js';
import {
  type CutPicture,
  type DraftPicture,
  type EditPlan,
  type Layer,
  type PictureEditKind,
  sameItems,
} from './kind.js';
import { wayBehind } from './places.js';
import { relabelled, reshaped } from './regions.js';

/**
 * An item over all that overlap it, or under them; under one alone when `behind` names it. With `goes` an item that
 * nothing is known to overlap comes to a place where it is half hidden.
 */
export interface Order {
  readonly kind: 'order';
  readonly item: number;
  readonly to: 'front' | 'back';
  readonly behind?: number;
  readonly goes?: true;
}

export const order: PictureEditKind<Order> = {
  kind: 'order',
  needs: 'nothing',
  itemsAfter: sameItems,
  withItems: (edit, now) => ({
    ...edit,
    item: now(edit.item),
    ...(edit.behind === undefined ? {} : { behind: now(edit.behind) }),
  }),
  plan(before, edit, options) {
    const { labels, items } = before;
    if (!goes(before, edit)) return relabelled(relaid(labels, onTop(before, edit)), items);
    const { dx, dy } = wayBehind(labels, edit.item, edit.behind);
    const moved = moveItem(labels, edit.item, dx, dy);
    const upper = maskOf(labels, edit.behind);
    const data = moved.data.map((label, i) => (upper.data[i] ? edit.behind : label));
    return reshaped(before, { ...moved, data }, [edit.item], options);
  },
  async draft(before, edit, plan, seed) {
    if (goes(before, edit)) return await hiddenBehind(before, edit.item, edit.behind, plan, seed);
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

type Going = Order & { readonly behind: number };

/** Whether the item has to come to a place first. */
const goes = (before: CutPicture, edit: Order): edit is Going =>
  edit.goes === true &&
  edit.behind !== undefined &&
  edit.behind !== edit.item &&
  covering(before, edit).length === 0;

/** The item carried behind another: its pixels, and the other's over them. */
async function hiddenBehind(
  before: DraftPicture,
  item: number,
  upper: number,
  plan: EditPlan,
  seed: number,
): Promise<DraftPicture> {
  const { dx, dy } = wayBehind(before.labels, item, upper);
  const cutout = await carried(before, item, { dx, dy });
  const laid = [
    { item, cutout },
    { item: upper, cutout: cutoutOf(before, upper) },
  ];
  const after = await arranged(before, plan, { lifted: [item], laid, seed });
  return { ...after, layers: [...(after.layers ?? []), { item, cutout }] };
}

/**
 * What is laid over the picture as it is.
 * @throws UserError when nothing overlaps as far as is known
 */
function onTop(before: CutPicture, edit: Order): readonly Layer[] {
  const { item, to, behind } = edit;
  requireItem(before.labels, item);
  if (behind !== undefined) requireItem(before.labels, behind);
  if (behind === item) throw new UserError(`item ${item + 1} cannot lie behind itself: name two items`);
  const chosen = covering(before, edit);
  if (chosen.length > 0) return chosen;
  const what = to === 'front' ? 'nothing covers' : 'nothing is known to lie under';
  throw new UserError(
    `${what} item ${item + 1}: what an item hides is known once it was moved, copied or resized over another`,
  );
}

/** Layers that come over the item, or the item's own where it comes over others. */
function covering({ labels, layers = [] }: CutPicture, { item, to, behind }: Order): readonly Layer[] {
  if (to === 'front') return layers.filter((layer) => layer.item === item);
  const mine = maskOf(labels, item);
  return layers.filter(
    (layer) =>
      layer.item !== item && (behind === undefined || layer.item === behind) && liesOn(layer.cutout, mine),
  );
}

function relaid(labels: LabelMap, top: readonly Layer[]): LabelMap {
  const data = new Uint8Array(labels.data);
  for (const { item, cutout } of top) eachCovered(cutout, labels, (i) => (data[i] = item));
  const after = { ...labels, data };
  const left = areasOf(after);
  const gone = areasOf(labels).findIndex((area, label) => area > 0 && !left[label]);
  if (gone >= 0)
    throw new UserError(
      `item ${gone + 1} would be hidden completely: move it first, or remove it with "remove ${gone + 1}"`,
    );
  return after;
}
