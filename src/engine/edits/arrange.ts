/** What drafts have in common: items taken off the picture, the ground completed, items laid over it. */
import { carry, lay, type Placement } from '../draft/carry.js';
import { withClinging } from '../draft/clinging.js';
import { complete } from '../draft/complete.js';
import { coverOf, type Cutout } from '../draft/cutout.js';
import { matte } from '../draft/matte.js';
import { mattesBeside } from '../draft/threads/mattes.js';
import { fringeAndShadow } from '../draft/shadow.js';
import { sourcesOf } from '../draft/sources.js';
import { areasOf, MAX_LABELS } from '../masks/labelMap.js';
import { areaOf, centroidOf, emptyMask, intersect, maskOf, type Point, union } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { groundOf } from './bystanders.js';
import { emptied } from './emptied.js';
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

/** An item with less of it covered is not worth a layer: fringes overlap everywhere. */
const COVERED = 0.005;

/** All of an item's pixels, those under other items too as far as they are known. */
export const cutoutOf = ({ picture, labels, layers }: DraftPicture, item: number): Cutout =>
  layers?.find((layer) => layer.item === item)?.cutout ?? matte(picture, maskOf(labels, item));

/** The item's cutout in a new place. */
export const carried = async (before: DraftPicture, item: number, placement: Placement): Promise<Cutout> =>
  await placed(cutoutOf(before, item), maskOf(before.labels, item), placement);

/** The cutout with the mask's *centroid* placed, as the plans do it; `carry` places a box's middle. */
async function placed(cutout: Cutout, mask: Mask, placement: Placement): Promise<Cutout> {
  const { dx = 0, dy = 0, scale, rotate, flip } = placement;
  if (scale === undefined && !rotate && !flip) return await carry(cutout, placement);
  const { box } = cutout;
  const centre = centroidOf(mask)!;
  const from = { x: box.left + box.width / 2 - 0.5 - centre.x, y: box.top + box.height / 2 - 0.5 - centre.y };
  const to = turned(from, placement);
  return await carry(cutout, { ...placement, dx: dx + to.x - from.x, dy: dy + to.y - from.y });
}

function turned({ x, y }: Point, { scale = 1, rotate = 0, flip = false }: Placement): Point {
  const angle = (rotate * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const across = flip ? -x : x;
  return { x: scale * (cos * across - sin * y), y: scale * (sin * across + cos * y) };
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

/** The items' cutouts, as `cutoutOf` makes them, beside the work. */
function whileCut<T>(
  { picture, layers = [] }: DraftPicture,
  items: readonly number[],
  maskOfItem: (item: number) => Mask,
  work: () => T,
): { cutouts: Map<number, Cutout>; result: T } {
  const known = new Map(layers.map(({ item, cutout }) => [item, cutout]));
  const unknown = [...new Set(items)].filter((item) => !known.has(item));
  const { cutouts, result } = mattesBeside(picture, unknown.map(maskOfItem), work);
  unknown.forEach((item, i) => known.set(item, cutouts[i]!));
  return { cutouts: known, result };
}

/** The places of items that go, with their fringe and shadow. */
function holeOf(before: DraftPicture, lifted: readonly number[], maskOfItem: (item: number) => Mask): Mask {
  const { picture, labels } = before;
  let hole: Mask | undefined;
  for (const item of lifted) {
    const mask = maskOfItem(item);
    if (!mask.data.includes(1)) continue;
    const whole = withClinging(picture, mask, groundOf(before, mask, lifted));
    const one = fringeAndShadow(picture, whole, sourcesOf(labels, whole, lifted));
    hole = hole ? union(hole, one) : one;
  }
  return hole ?? emptyMask(picture.width, picture.height);
}

/** Items that lay under what was taken off come to light, within its old place. */
function uncovered(ground: Raster, hole: Mask, under: readonly Layer[]): Raster {
  const shown = under.filter(({ cutout }) => areaOf(intersect(coverOf(cutout, ground), hole)) > 0);
  if (shown.length === 0) return ground;
  const all = lay(
    ground,
    shown.map(({ cutout }) => cutout),
  );
  const data = new Uint8Array(ground.data);
  for (let i = 0; i < hole.data.length; i++)
    if (hole.data[i]) for (let c = 0; c < 3; c++) data[i * 3 + c] = all.data[i * 3 + c]!;
  return { ...ground, data };
}

/** The plan's label map, where items come to light or are laid with more of them than could be seen. */
function relaid(
  before: DraftPicture,
  planned: LabelMap,
  hole: Mask,
  under: readonly Layer[],
  laid: readonly Layer[],
): LabelMap {
  const partly = (item: number): boolean => before.layers?.some((layer) => layer.item === item) ?? false;
  const touched = under.length > 0;
  const anew = laid.filter(({ item }) => touched || partly(item));
  if (!touched && anew.length === 0) return planned;
  const data = new Uint8Array(planned.data);
  const mark = ({ item, cutout }: Layer, where?: Mask): void => {
    const cover = coverOf(cutout, planned);
    for (let i = 0; i < data.length; i++) if (cover.data[i] && (!where || where.data[i])) data[i] = item;
  };
  for (const layer of under) mark(layer, hole);
  for (const layer of anew) mark(layer);
  const areas = areasOf({ ...planned, data });
  // nobody is to lose an item by what came to light
  const lost = areasOf(planned).some((area, label) => area > 0 && !areas[label]);
  return lost ? planned : { ...planned, data };
}

/** Layers of items that stay where they were. */
const kept = (under: readonly Layer[], laid: readonly Layer[]): Layer[] =>
  under.filter(({ item }) => !laid.some((layer) => layer.item === item));

/** The items that what was laid now covers in part. */
function hidden(
  before: DraftPicture,
  after: LabelMap,
  lifted: readonly number[],
  laid: readonly { readonly item: number }[],
): number[] {
  if (laid.length === 0) return [];
  const over = new Uint8Array(MAX_LABELS);
  for (const { item } of laid) over[item] = 1;
  const known = new Set((before.layers ?? []).map(({ item }) => item));
  const areas = areasOf(before.labels);
  const lost = new Uint32Array(MAX_LABELS);
  const [old, now] = [before.labels.data, after.data];
  for (let i = 0; i < old.length; i++) if (old[i] !== now[i] && over[now[i]!]) lost[old[i]!]!++;
  return areas.flatMap((area, item) =>
    item > 0 && !lifted.includes(item) && !over[item] && !known.has(item) && lost[item]! > area * COVERED
      ? [item]
      : [],
  );
}
