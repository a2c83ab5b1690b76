/**
 * Something new where the checkpoint's ground would be seen beside the picture's own: the ground is completed from the
 * picture's pixels, and of the drawing only the thing itself is laid over it. Nothing around it smears.
 */
import type { Pipeline } from '../diffusion/pipeline.js';
import { lay } from '../draft/carry.js';
import { matte } from '../draft/matte.js';
import { draftEdit, type EditPlan, layersBut, planEdit, tidy } from '../edits/index.js';
import { UserError } from '../errors.js';
import { areaOf, boundsOf, emptyMask, intersect, maskOf } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { pick } from '../segmentation/select/pick.js';
import { redrawnAll } from './redraw.js';
import type { Scene } from './scene.js';
import { type EditCallbacks, type EditOptions, planning } from './settings.js';

/** A thing that takes less of its place than this is not told from the ground. */
const LEAST = 0.1;
/** What is drawn is no ground where it is so far from the completed one, of 255, in the colour that differs most. */
const APART = 40;
/** A thing has at least so much of what is no ground: with less a part of it was taken for ground. */
const WHOLE = 0.5;

/**
 * A picture a seed, drawn in one batch. Where the thing can't be told from the ground all of its place is laid.
 * @param isRough what is drawn around the thing is so far from the ground that it tells nothing of the thing
 * @returns undefined when there is no ground to complete: the item is all there is
 */
export async function laidOver(
  pipeline: Pipeline,
  scene: Scene,
  { item }: { readonly item: number },
  plan: EditPlan,
  settings: EditOptions,
  seeds: readonly number[],
  callbacks: EditCallbacks,
  isRough: boolean,
): Promise<Scene[] | undefined> {
  const empty = await emptied(scene, item, settings.seed);
  if (!empty) return undefined;
  const place = maskOf(plan.labels, item);
  const layers = layersBut([item], empty.layers);
  const { learned, references } = scene;
  const what = { base: empty.picture, plan, learned };
  const drawings = await redrawnAll(pipeline, what, settings, seeds, callbacks);
  return await Promise.all(
    drawings.map(async (drawing) => {
      const thing = await thingIn(drawing, plan, place, isRough ? undefined : empty.picture);
      const picture = lay(empty.picture, [matte(drawing, thing)]);
      const data = empty.labels.data.map((label, i) => (thing.data[i] ? item : label));
      const labels = { ...empty.labels, data };
      return tidy({ picture, labels, items: plan.items, layers, learned, references });
    }),
  );
}

/** The picture without the item; its label is left for what comes. */
async function emptied(scene: Scene, item: number, seed: number): Promise<Scene | undefined> {
  const remove = { kind: 'remove', item } as const;
  try {
    const plan = planEdit(scene, remove, planning(scene.picture));
    return await draftEdit(scene, remove, plan, seed);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/**
 * Which pixels of the drawing are the thing and not the ground that was drawn around it; all of the place in doubt.
 * @param ground what is drawn around the thing is near to this
 */
async function thingIn(drawing: Raster, { labels }: EditPlan, place: Mask, ground?: Raster): Promise<Mask> {
  try {
    const found = intersect(await pick(drawing, labels, { kind: 'box', box: boundsOf(place)! }), place);
    const apart = ground ? intersect(farApart(drawing, ground), place) : emptyMask(place.width, place.height);
    const isWhole = areaOf(intersect(found, apart)) >= WHOLE * areaOf(apart);
    return isWhole && areaOf(found) >= LEAST * areaOf(place) ? found : place;
  } catch (error) {
    if (error instanceof UserError) return place;
    throw error;
  }
}

function farApart(a: Raster, b: Raster): Mask {
  const apart = emptyMask(a.width, a.height);
  for (let i = 0; i < a.data.length; i++)
    if (Math.abs(a.data[i]! - b.data[i]!) >= APART) apart.data[Math.floor(i / 3)] = 1;
  return apart;
}
