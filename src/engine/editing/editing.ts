import { canDraw, canDrawGround, canRefine, gauge, gaugeAutoencoder } from './gauge.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import {
  afterFinding,
  answerEach,
  type Edit,
  type EditPlan,
  isDrafted,
  type Item,
  itemsAfter,
  type Layer,
  layersBut,
  looksFor,
  markFound,
  type PictureEdit,
  planEdit,
  renumbered,
  tidy,
  type Together,
} from '../edits/index.js';
import { areaOf, subtract } from '../masks/mask.js';
import { outerEdgeBand } from '../masks/morphology.js';
import type { Mask } from '../raster.js';
import type { Segmenter } from '../segmentation/segmenter.js';
import { type Draw, likeliest } from './candidates.js';
import { drafted } from './pixels.js';
import { imagined, redrawing, redrawn } from './redraw.js';
import { recognition } from './recognition.js';
import { laidOver } from './laidOver.js';
import type { Edited, Scene } from './scene.js';
import { type EditCallbacks, type EditOptions, editSettings, planning, REFINE } from './settings.js';

/** Carries out edits: by the picture's own pixels where they answer, by the checkpoint where they do not. */
export class Editing {
  constructor(
    private readonly pipeline: Pipeline,
    private readonly segmenter: Segmenter,
  ) {}

  async edit(
    scene: Scene,
    edit: Edit,
    options: Partial<EditOptions>,
    callbacks: EditCallbacks,
  ): Promise<Edited> {
    const settings = editSettings(this.pipeline, scene.picture, options);
    if (edit.kind === 'imagine')
      return (await imagined(this.pipeline, scene, edit, settings, [settings.seed], callbacks))[0]!;
    const find = async (words: string) => await this.segmenter.find?.(scene.picture, words);
    if (edit.kind === 'onFound') {
      const { picture, edit: then } = await afterFinding(scene, edit, find);
      return then ? await this.edit(picture, then, options, callbacks) : tidy(picture);
    }
    if (edit.kind === 'mark' && edit.what.kind === 'words')
      return await this.edit(scene, await markFound(scene, edit.what, find), options, callbacks);
    if (edit.kind === 'together') return await this.#together(scene, edit, settings, callbacks);
    const plan = planEdit(scene, edit, { ...planning(scene.picture), edge: settings.edge });
    const draft = await drafted(scene, edit, plan, settings.seed);
    if (draft) return await this.#finer(scene, plan, draft, settings, callbacks);
    return (await this.#drawn(scene, edit, plan, settings, [settings.seed], callbacks))[0]!;
  }

  async variants(
    scene: Scene,
    edit: Edit,
    seeds: readonly number[],
    options: Partial<EditOptions>,
    callbacks: EditCallbacks,
  ): Promise<Edited[]> {
    const settings = editSettings(this.pipeline, scene.picture, options);
    if (edit.kind === 'imagine')
      return await imagined(this.pipeline, scene, edit, settings, seeds, callbacks);
    if (edit.kind === 'onFound' || edit.kind === 'together' || isDrafted(edit) || looksFor(edit)) {
      const all: Edited[] = [];
      for (const [i, seed] of seeds.entries())
        all.push(await this.edit(scene, edit, { ...options, seed }, ofOne(callbacks, i)));
      return all;
    }
    const plan = planEdit(scene, edit, { ...planning(scene.picture), edge: settings.edge });
    return await this.#drawn(scene, edit, plan, settings, seeds, callbacks);
  }

  async refine(
    before: Scene,
    edit: Edit,
    draft: Scene,
    options: Partial<EditOptions>,
    callbacks: EditCallbacks,
  ): Promise<Scene | undefined> {
    if (edit.kind === 'imagine' || edit.kind === 'onFound') return undefined;
    const settings = editSettings(this.pipeline, before.picture, { redraw: REFINE, ...options });
    const plan = planEdit(before, edit, { ...planning(before.picture), edge: settings.edge });
    if (settings.redraw === 0 || areaOf(plan.active) === 0) return undefined;
    if (!canRefine(await gauge(this.pipeline, before, plan.active, settings.guidance))) return undefined;
    callbacks.signal?.throwIfAborted();
    return await this.#finer(before, plan, draft, settings, callbacks);
  }

  /** What no pixels answer, a picture a seed: of several candidates each the likeliest. */
  async #drawn(
    scene: Scene,
    edit: PictureEdit,
    plan: EditPlan,
    settings: EditOptions,
    seeds: readonly number[],
    callbacks: EditCallbacks,
  ): Promise<Edited[]> {
    const whole = edit.kind === 'reconstruct';
    const powers = whole ? undefined : await gaugeAutoencoder(this.pipeline, scene.picture, plan.active);
    const isRough = powers !== undefined && !canDraw(powers);
    const { ground } = this.pipeline.checkpoint.recommended;
    const isLaid = powers && !canDrawGround(powers, ground) && edit.kind === 'replace';
    const laid = isLaid && (await laidOver(this.pipeline, scene, edit, plan, settings, isRough));
    const draw = laid || (await this.#anew(scene, edit, plan, settings, whole));
    const judge = recognition(this.pipeline, newIn(scene, plan), Boolean(laid));
    const drawn = await likeliest(draw, judge, seeds, settings.tries, callbacks);
    return isRough ? drawn.map((one) => ({ ...one, rough: true })) : drawn;
  }

  /** The plan's regions drawn over the scene's picture. */
  async #anew(
    scene: Scene,
    edit: PictureEdit,
    plan: EditPlan,
    settings: EditOptions,
    whole: boolean,
  ): Promise<Draw<Scene>> {
    const what = { base: scene.picture, plan, learned: scene.learned, whole };
    const { labels, items } = plan;
    const layers = stillTrue(scene, edit);
    const draw = await redrawing(this.pipeline, what, settings);
    return async (seeds, callbacks) => {
      const pictures = await draw(seeds, callbacks);
      return pictures.map((picture) => tidy({ ...scene, picture, labels, items, layers }));
    };
  }

  /**
   * Several edits as one: first what the picture's own pixels answer, then everything else in one sampling. Where the
   * checkpoint draws only roughly, each thing is laid for itself over the completed ground.
   */
  async #together(
    scene: Scene,
    edit: Together,
    settings: EditOptions,
    callbacks: EditCallbacks,
  ): Promise<Edited> {
    const options = { ...planning(scene.picture), edge: settings.edge };
    const plan = planEdit(scene, edit, options);
    const { learned, references } = scene;
    const { picture: draft, left } = await answerEach(scene, edit, options, settings.seed);
    const anew = settings.redraw === 1 ? plan.active : left;
    const after = { ...draft, learned, references };
    if (areaOf(anew) === 0) return tidy(await this.#finer(scene, plan, after, settings, callbacks));
    if (!canDraw(await gaugeAutoencoder(this.pipeline, scene.picture, anew)))
      return await this.#oneByOne(scene, edit, settings, callbacks);
    const there = within(plan, anew, settings.edge);
    const draw = await this.#anew({ ...after, items: scene.items }, edit, there, settings, false);
    const judge = recognition(this.pipeline, newIn(scene, there));
    const [drawn] = await likeliest(draw, judge, [settings.seed], settings.tries, callbacks);
    const { picture } = drawn!;
    const rest = within(plan, subtract(plan.active, anew), settings.edge);
    return tidy(await this.#finer(scene, rest, { ...after, picture }, settings, callbacks));
  }

  async #oneByOne(
    scene: Scene,
    { edits }: Together,
    settings: EditOptions,
    callbacks: EditCallbacks,
  ): Promise<Edited> {
    let at: Edited = scene;
    let numbers = [...scene.items.keys()];
    for (const edit of edits) {
      const { rough = false } = at;
      const now = renumbered(edit, numbers)!;
      const done = await this.edit(at, now, settings, callbacks);
      at = { ...done, references: scene.references, ...(rough ? { rough } : {}) };
      numbers = itemsAfter(numbers, now)!;
    }
    return at;
  }

  async #finer(
    { learned }: Scene,
    plan: EditPlan,
    draft: Scene,
    settings: EditOptions,
    callbacks: EditCallbacks,
  ): Promise<Scene> {
    // colours alone and relabellings leave nothing to draw
    if (settings.redraw === 0 || areaOf(plan.active) === 0) return draft;
    const what = { base: draft.picture, plan, learned, amount: settings.redraw };
    return { ...draft, picture: await redrawn(this.pipeline, what, settings, callbacks) };
  }
}

/** The callbacks of several pictures, where the i-th is drawn alone. */
const ofOne = (callbacks: EditCallbacks, i: number): EditCallbacks => ({
  ...callbacks,
  onBlurred: () => callbacks.onBlurred?.(i),
});

/** Items that are something else after the edit, and are drawn. */
const newIn = (before: Scene, { items, labels, active }: EditPlan): Item[] =>
  items.filter(
    (item, label) =>
      !before.items.includes(item) && labels.data.some((at, i) => at === label && active.data[i]),
  );

/** The plan, where no more than this is drawn. */
const within = (plan: EditPlan, active: Mask, edge: number): EditPlan => ({
  ...plan,
  active,
  soft: outerEdgeBand(active, edge),
});

/** What is known of covered items after something was drawn: not of the one that is another thing now. */
const stillTrue = ({ layers }: Scene, edit: PictureEdit): readonly Layer[] =>
  edit.kind === 'reconstruct' ? [] : layersBut('item' in edit ? [edit.item] : [], layers);
