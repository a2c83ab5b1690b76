import { growItem, reshapeItem, shrinkItem } from '../masks/shapes.js';
import { bandOf } from '../draft/edgeBand.js';
import { completionFrom } from '../draft/complete.js';
import { emptied } from './emptied.js';
import { intersect, invert, maskOf, subtract, union } from '../masks/mask.js';
import { dilate } from '../masks/morphology.js';
import type { Mask } from '../raster.js';
import { CARRIES, type DraftPicture, type EditPlan, layersBut, type PictureEditKind } from './kind.js';
import { reshaped } from './regions.js';

/** An item gets this outline. */
export interface Reshape {
  readonly kind: 'reshape';
  readonly item: number;
  readonly mask: Mask;
}

/** An item's outline goes outwards by `pixels`, inwards when they are negative. */
export interface Grow {
  readonly kind: 'grow';
  readonly item: number;
  readonly pixels: number;
}

const OUTLINES = { ...CARRIES, regroups: true } as const;

export const reshape: PictureEditKind<Reshape> = {
  kind: 'reshape',
  ...OUTLINES,
  plan: (before, { item, mask }, options) =>
    reshaped(before, reshapeItem(before.labels, item, mask), [item], options),
  draft: async (before, { item }, plan, seed) => refilled(before, item, plan, seed),
};

export const grow: PictureEditKind<Grow> = {
  kind: 'grow',
  ...OUTLINES,
  plan(before, { item, pixels }, options) {
    const { labels } = before;
    const after = pixels >= 0 ? growItem(labels, item, pixels) : shrinkItem(labels, item, -pixels);
    return reshaped(before, after, [item], options);
  },
  draft: async (before, { item }, plan, seed) => refilled(before, item, plan, seed),
};

/** What the item loses is filled from those that get it, what it gains from the item itself. */
function refilled(before: DraftPicture, item: number, plan: EditPlan, seed: number): DraftPicture {
  const { picture, labels } = before;
  const [was, is] = [maskOf(labels, item), maskOf(plan.labels, item)];
  // pixels on the old outline are mixed of both sides
  const fringe = (region: Mask, within: Mask): Mask =>
    region.data.includes(1) ? union(region, intersect(dilate(region, bandOf(picture)), within)) : region;
  const lost = fringe(subtract(was, is), invert(is));
  const gained = fringe(subtract(is, was), is);
  const own = subtract(was, union(gained, lost));
  const bare = emptied(before, plan.labels, lost, { lifted: [item], seed });
  // an item too thin to copy from gets the pixels as they are
  const full = completionFrom(bare.picture, gained, own)?.({ seed }) ?? bare.picture;
  const layers = layersBut([item], before.layers);
  return { picture: full, labels: bare.labels, items: plan.items, layers };
}
