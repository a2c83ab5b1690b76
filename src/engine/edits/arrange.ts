/** What drafts have in common: items taken off the picture, the ground completed, items laid over it. */
import { lay, type Placement } from '../draft/carry.js';
import { complete } from '../draft/complete.js';
import { maskOf } from '../masks/mask.js';
import type { LabelMap, Mask } from '../raster.js';
import { placed, whileCut } from './cutouts.js';
import { emptied } from './emptied.js';
import { hidden, kept, relaid, uncovered } from './hidden.js';
import { holeOf } from './hole.js';
import { type DraftPicture, type EditPlan, type Layer, layersBut } from './kind.js';

export interface Arrangement {
  /** Items whose old places are emptied. */
  readonly lifted: readonly number[];
  /** What is laid over the picture then, from bottom to top; an item's label may be new. */
  readonly laid: readonly (Layer | Carried)[];
  /** What the emptied places are filled from; otherwise from the items that inherit them. */
  readonly sources?: Mask;
  readonly seed: number;
}

/** Pixels of an item in a new place: they are cut out while the ground is completed. */
export interface Carried {
  readonly item: number;
  /** Whose they are now. */
  readonly of: number;
  readonly placement: Placement;
}

/** The picture with items taken off and laid anew; every other pixel is the same bytes. */
export async function arranged(
  before: DraftPicture,
  plan: EditPlan,
  { lifted, laid: wanted, sources, seed }: Arrangement,
): Promise<DraftPicture> {
  const { picture } = before;
  const under = layersBut(lifted, before.layers);
  const covered = hidden(before, plan.labels, lifted, wanted);
  const own = wanted.flatMap((one) => ('of' in one ? [one.of] : []));
  const maskOfItem = masksOf(before.labels);
  const { cutouts, result } = whileCut(before, [...own, ...covered], maskOfItem, () => {
    const hole = holeOf(before, lifted, maskOfItem);
    // all of the hole, also where something is laid over it: its seams are to meet the ground, never the old item
    const bare = sources
      ? { picture: complete(picture, hole, sources, { seed }), labels: plan.labels }
      : emptied(before, plan.labels, hole, { lifted, seed });
    return { hole, bare };
  });
  const { hole, bare } = result;
  const laid = await Promise.all(
    wanted.map(async (one) => {
      if ('cutout' in one) return one;
      const cutout = await placed(cutouts.get(one.of)!, maskOfItem(one.of), one.placement);
      return { item: one.item, cutout };
    }),
  );
  const ground = uncovered(bare.picture, hole, under);
  return {
    picture: lay(
      ground,
      laid.map(({ cutout }) => cutout),
    ),
    labels: relaid(before, bare.labels, hole, under, laid),
    items: plan.items,
    layers: [...kept(under, laid), ...covered.map((item) => ({ item, cutout: cutouts.get(item)! }))],
  };
}

/** Each item's mask, made once. */
function masksOf(labels: LabelMap): (item: number) => Mask {
  const known = new Map<number, Mask>();
  return (item) => {
    const mask = known.get(item) ?? maskOf(labels, item);
    known.set(item, mask);
    return mask;
  };
}
