/** The shapes that plans have in common. */
import { requireItem } from '../masks/labelMap.js';
import { emptyMask, maskOf, union } from '../masks/mask.js';
import { dilate, outerEdgeBand } from '../masks/morphology.js';
import type { LabelMap, Mask } from '../raster.js';
import {
  type CutPicture,
  type DraftPicture,
  type EditPlan,
  type Item,
  layersBut,
  type PlanOptions,
} from './kind.js';

/** A region is generated anew, a little wider than it is. */
export function around(
  region: Mask,
  labels: LabelMap,
  items: readonly Item[],
  { edge, margin }: PlanOptions,
): EditPlan {
  return planned(labels, items, () => dilate(region, margin), edge);
}

/** A plan whose masks are worked out when they are first asked for: a draft asks for none. */
function planned(labels: LabelMap, items: readonly Item[], region: () => Mask, edge: number): EditPlan {
  let active: Mask | undefined;
  let soft: Mask | undefined;
  return {
    ...{ labels, items },
    get active() {
      return (active ??= region());
    },
    get soft() {
      return (soft ??= outerEdgeBand(this.active, edge));
    },
  };
}

/** What changes hands is generated anew, and so are the items that `moved`, in their new places. */
export function reshaped(
  { labels, items }: CutPicture,
  after: LabelMap,
  moved: readonly number[],
  { edge, margin }: PlanOptions,
): EditPlan {
  const changed = (): Mask => {
    let region: Mask = emptyMask(labels.width, labels.height);
    for (let i = 0; i < region.data.length; i++) region.data[i] = Number(labels.data[i] !== after.data[i]);
    for (const item of moved) region = union(region, maskOf(after, item));
    return dilate(region, margin);
  };
  return planned(after, items, changed, edge);
}

/** Pixels change hands, none changes its colour. */
export function relabelled(labels: LabelMap, items: readonly Item[]): EditPlan {
  const none = emptyMask(labels.width, labels.height);
  return { labels, items, active: none, soft: none };
}

/** An item stays where it is and listens to something else. */
export function prompted(
  { labels, items }: CutPicture,
  item: number,
  change: (before: Item) => Partial<Item>,
  options: PlanOptions,
): EditPlan {
  requireItem(labels, item);
  const before = items[item]!;
  return around(maskOf(labels, item), labels, items.with(item, { ...before, ...change(before) }), options);
}

/** The draft of an edit that changes no pixel; what is known of `touched` items under others no longer fits. */
export const relabel = (before: DraftPicture, plan: EditPlan, touched: readonly number[]): DraftPicture => ({
  picture: before.picture,
  labels: plan.labels,
  items: plan.items,
  layers: layersBut(touched, before.layers),
});
