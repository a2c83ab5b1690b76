/** The checkpoint's part of an edit: a region of a picture drawn, and pasted back at full resolution. */
import { pasteBack } from '../compositing/region.js';
import { cropLabels, cropRaster, resizeRaster } from '../compositing/resize.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import type { Regions } from '../diffusion/sample.js';
import { type EditPlan, type Imagine, imaginedPlan, tidy } from '../edits/index.js';
import type { Learned } from '../families/learned.js';
import { maskToGrid } from '../masks/grid.js';
import { union } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { type Draw, likeliest } from './candidates.js';
import { drawAll, type Target } from './draw.js';
import { editBox, frameOf, wholeOf } from './frame.js';
import { recognition } from './recognition.js';
import type { Scene } from './scene.js';
import type { EditCallbacks, EditOptions } from './settings.js';

/** A latent cell counts as touched from this covered share on: less leaves no trace a person could see. */
const TOUCHED = 0.06;

export interface Redrawing {
  readonly base: Raster;
  readonly plan: EditPlan;
  readonly learned: Learned | undefined;
  /** Draw all of the picture, whatever the plan's regions are. */
  readonly whole?: boolean;
  /** How much of the base is drawn anew where it changes, 0–1; everything (from noise) when undefined. */
  readonly amount?: number | undefined;
}

/** One picture of `redrawing`, by the settings' own seed. */
export async function redrawn(
  pipeline: Pipeline,
  what: Redrawing,
  settings: EditOptions,
  callbacks: EditCallbacks,
): Promise<Raster> {
  const draw = await redrawing(pipeline, what, settings);
  return (await draw([settings.seed], callbacks))[0]!;
}

/**
 * Draws the base with the plan's regions made by the checkpoint; pixels outside them keep their values to the bit. What is
 * there already is encoded once, however often something is drawn over it.
 */
export async function redrawing(
  pipeline: Pipeline,
  { base, plan, learned, whole = false, amount }: Redrawing,
  settings: EditOptions,
): Promise<Draw<Raster>> {
  const changing = union(plan.active, plan.soft);
  const box = whole ? wholeOf(base) : editBox(pipeline, base, changing);
  const frame = frameOf(pipeline, box);
  const crop = await resizeRaster(cropRaster(base, box), frame.width, frame.height);
  const original = await pipeline.encodePicture(crop);
  const [, , height, width] = original.shape as [number, number, number, number];
  const touched = (mask: Mask, w: number, h: number): Uint8Array =>
    Uint8Array.from(maskToGrid(cropLabels(mask, box), w, h), (share) => Number(share > TOUCHED));
  const regions: Regions = {
    active: touched(plan.active, width, height),
    soft: touched(plan.soft, width, height),
    strength: settings.strength,
    original: original.data as Float32Array,
  };
  const hole =
    whole || !pipeline.family.denoiser.fillsHoles
      ? undefined
      : await pipeline.hole(
          crop,
          { ...frame, data: touched(changing, frame.width, frame.height) },
          touched(changing, width, height),
        );
  const target: Target = {
    shape: original.shape,
    labels: cropLabels(plan.labels, box),
    items: plan.items,
    learned,
    regions: whole ? undefined : regions,
    from: amount === undefined ? undefined : { latents: regions.original, amount },
    hole,
  };
  return async (seeds, callbacks) => {
    const drawn = await drawAll(pipeline, target, settings, seeds, callbacks);
    const edited = await Promise.all(drawn.map((one) => resizeRaster(one, box.width, box.height)));
    return edited.map((one) => pasteBack(base, one, box, plan.active, plan.soft));
  };
}

/**
 * A new picture a seed, of the checkpoint's own size, of items and words.
 * @throws UserError when there is no such item
 */
export async function imagined(
  pipeline: Pipeline,
  scene: Scene,
  edit: Imagine,
  settings: EditOptions,
  seeds: readonly number[],
  callbacks: EditCallbacks,
): Promise<Scene[]> {
  const side = pipeline.nativeSide;
  const { learned } = scene;
  const { labels, items } = imaginedPlan<Scene>(scene, edit, { width: side, height: side });
  const cells = side / pipeline.factor;
  const shape = [1, pipeline.family.denoiser.channels, cells, cells];
  const target = { shape, labels, items, learned };
  const draw: Draw<Scene> = async (some, told) => {
    const pictures = await drawAll(pipeline, target, settings, some, told);
    return pictures.map((picture) => tidy({ picture, labels, items, learned }));
  };
  // a lone item has no place of its own in the picture: nobody knows where to look for it
  const judge = items.length > 1 ? recognition(pipeline, items.slice(1)) : undefined;
  return await likeliest(draw, judge, seeds, settings.tries, callbacks);
}
