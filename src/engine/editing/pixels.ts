/** What needs no checkpoint: a picture is cut, its items taken out of it, and edited as its own pixels answer. */
import { transparentPng } from '../compositing/transparent.js';
import {
  cutoutOf,
  draftEdit,
  type Edit,
  type EditPlan,
  looksFor,
  type PictureEdit,
  planEdit,
  tidy,
} from '../edits/index.js';
import { requireItem } from '../masks/labelMap.js';
import type { Scene } from './scene.js';
import { planning, SEED } from './settings.js';

export { asReference, cut } from './scene.js';

/**
 * Items with soft edges over nothing, as a PNG with alpha.
 * @throws UserError when there is no such item
 */
export async function cutOut(scene: Scene, items: readonly number[]): Promise<Uint8Array> {
  for (const item of items) requireItem(scene.labels, item);
  return await transparentPng(items.map((item) => cutoutOf(scene, item)));
}

/**
 * An edit as the picture's own pixels answer it, at full size; undefined where they do not.
 * @throws UserError when the edit cannot be done
 */
export async function draft(
  scene: Scene,
  edit: Edit,
  { seed = SEED }: { readonly seed?: number } = {},
): Promise<Scene | undefined> {
  if (edit.kind === 'imagine' || edit.kind === 'onFound' || looksFor(edit)) return undefined;
  return await drafted(scene, edit, planEdit(scene, edit, planning(scene.picture)), seed);
}

/** The same of an edit that is planned already. */
export async function drafted(
  scene: Scene,
  edit: PictureEdit,
  plan: EditPlan,
  seed: number,
): Promise<Scene | undefined> {
  const draft = await draftEdit(scene, edit, plan, seed);
  return draft && tidy({ ...draft, learned: scene.learned, references: scene.references });
}
