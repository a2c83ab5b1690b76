/**
 * Something new where the checkpoint can only draw roughly: the ground is completed from the picture's own pixels, and
 * of the drawing only the thing itself is laid over it. Nothing around it smears.
 */
import type { Pipeline } from '../diffusion/pipeline.js';
import { lay } from '../draft/carry.js';
import { matte } from '../draft/matte.js';
import { draftEdit, type EditPlan, planEdit, tidy } from '../edits/index.js';
import { UserError } from '../errors.js';
import { areaOf, boundsOf, intersect, maskOf } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { pick } from '../segmentation/select/pick.js';
import { redrawn } from './redraw.js';
import type { Scene } from './scene.js';
import { type EditCallbacks, type EditOptions, planning } from './settings.js';

/** A thing that takes less of its place than this is not told from the ground: the whole place is laid. */
const LEAST = 0.1;

/** @returns undefined when there is no ground to complete: the item is all there is */
export async function roughly(
  pipeline: Pipeline,
  scene: Scene,
  { item }: { readonly item: number },
  plan: EditPlan,
  settings: EditOptions,
  callbacks: EditCallbacks,
): Promise<Scene | undefined> {
  const empty = await emptied(scene, item, settings.seed);
  if (!empty) return undefined;
  const what = { base: empty.picture, plan, learned: scene.learned };
  const drawing = await redrawn(pipeline, what, settings, callbacks);
  const thing = await thingIn(drawing, plan, item);
  const picture = lay(empty.picture, [matte(drawing, thing)]);
  const labels = {
    ...empty.labels,
    data: empty.labels.data.map((label, i) => (thing.data[i] ? item : label)),
  };
  const layers = (empty.layers ?? []).filter((layer) => layer.item !== item);
  const { learned, references } = scene;
  return tidy({ picture, labels, items: plan.items, layers, learned, references });
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

/** Which pixels of the drawing are the thing and not the ground that was drawn around it. */
async function thingIn(drawing: Raster, { labels }: EditPlan, item: number): Promise<Mask> {
  const place = maskOf(labels, item);
  try {
    const found = intersect(await pick(drawing, labels, { kind: 'box', box: boundsOf(place)! }), place);
    return areaOf(found) >= LEAST * areaOf(place) ? found : place;
  } catch (error) {
    if (error instanceof UserError) return place;
    throw error;
  }
}
