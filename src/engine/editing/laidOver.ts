/**
 * Something new where the checkpoint's ground would be seen beside the picture's own: the ground is completed from the
 * picture's pixels, and of the drawing only the thing itself is laid over it. Nothing around it smears.
 */
import type { Pipeline } from '../diffusion/pipeline.js';
import { lay } from '../draft/carry.js';
import { matte } from '../draft/matte.js';
import { draftEdit, type EditPlan, layersBut, planEdit, tidy } from '../edits/index.js';
import { UserError } from '../errors.js';
import type { Learned } from '../families/learned.js';
import { maskOf } from '../masks/mask.js';
import type { Raster } from '../raster.js';
import type { Draw } from './candidates.js';
import { redrawing } from './redraw.js';
import type { Scene } from './scene.js';
import { type EditOptions, planning } from './settings.js';
import { thingIn } from './thingIn.js';

/**
 * Completes the ground; what is returned draws a picture a seed, in one batch. Where the thing can't be told from the ground
 * all of its place is laid.
 * @param isRough what is drawn around the thing is so far from the ground that it tells nothing of the thing
 * @returns undefined when there is no ground to complete: the item is all there is
 */
export async function laidOver(
  pipeline: Pipeline,
  scene: Scene,
  { item }: { readonly item: number },
  plan: EditPlan,
  settings: EditOptions,
  isRough: boolean,
): Promise<Draw<Scene> | undefined> {
  const empty = await withoutItem(scene, item, settings.seed);
  if (!empty) return undefined;
  const place = maskOf(plan.labels, item);
  const layers = layersBut([item], empty.layers);
  const { learned, references } = scene;
  const told = plan.items[item]!.prompt.kind === 'text' ? withoutWeights(learned) : learned;
  const draw = await redrawing(pipeline, { base: empty.picture, plan, learned: told }, settings);
  const laid = async (drawing: Raster): Promise<Scene> => {
    const thing = await thingIn(drawing, plan.labels, place, isRough ? undefined : empty.picture);
    const picture = lay(empty.picture, [matte(drawing, thing)]);
    const data = empty.labels.data.map((label, i) => (thing.data[i] ? item : label));
    const labels = { ...empty.labels, data };
    return tidy({ picture, labels, items: plan.items, layers, learned, references });
  };
  return async (seeds, callbacks) => await Promise.all((await draw(seeds, callbacks)).map(laid));
}

/**
 * Of a thing that words ask for and that is cut out of its drawing nothing has to look like the picture: weights that were learned to
 * draw what was there before only draw it again. With pocket 11 of 14 such things are recognised with them, 12 without.
 */
const withoutWeights = (learned: Learned | undefined): Learned | undefined =>
  learned && { ...learned, weights: new Map() };

/** The picture without the item; its label is left for what comes. */
async function withoutItem(scene: Scene, item: number, seed: number): Promise<Scene | undefined> {
  const remove = { kind: 'remove', item } as const;
  try {
    const plan = planEdit(scene, remove, planning(scene.picture));
    return await draftEdit(scene, remove, plan, seed);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
