import { type OpenOptions, openCheckpoint } from './checkpoint/open.js';
import { hasScorer } from './checkpoint/scorer.js';
import { transparentPng } from './compositing/transparent.js';
import { editNeed } from './diffusion/footprints.js';
import { Pipeline } from './diffusion/pipeline.js';
import type { Safety } from './diffusion/safety.js';
import { frameOf } from './editing/frame.js';
import { canDraw, canRefine, gauge, gaugeAutoencoder } from './editing/gauge.js';
import { learnedFrom } from './editing/learn.js';
import { imagined, redrawn, redrawnAll } from './editing/redraw.js';
import { roughly } from './editing/rough.js';
import { cut, type Edited, type Scene, withLearned } from './editing/scene.js';
import {
  type EditCallbacks,
  editDefaults,
  type EditOptions,
  planning,
  REFINE,
  SEED,
} from './editing/settings.js';
import { CheckpointSegmenter } from './editing/words.js';
import {
  afterFinding,
  answerEach,
  cutoutOf,
  draftEdit,
  type Edit,
  type EditPlan,
  type Item,
  isDrafted,
  itemsAfter,
  type Layer,
  looksFor,
  markFound,
  type PictureEdit,
  planEdit,
  renumbered,
  tidy,
  type Together,
} from './edits/index.js';
import { UserError } from './errors.js';
import type { Learned } from './families/learned.js';
import {
  type AssociationCallbacks,
  type AssociationOptions,
  freshTokens,
  defaultsFor,
} from './finetune/associate.js';
import { leastTrainingNeed } from './finetune/plan.js';
import { requireItem } from './masks/labelMap.js';
import { areaOf, subtract } from './masks/mask.js';
import { outerEdgeBand } from './masks/morphology.js';
import { bytesOf, type MemoryNeed } from './memory.js';
import type { LabelMap, Mask, Raster } from './raster.js';
import type { Device } from './runtime/device.js';
import { PanopticSegmenter } from './segmentation/panoptic/panoptic.js';
import { segment } from './segmentation/segment.js';
import type { Segmenter } from './segmentation/segmenter.js';

export type { LoraChoice } from './checkpoint/lora/file.js';
export type { Edited, Scene } from './editing/scene.js';
export type { EditCallbacks, EditOptions } from './editing/settings.js';

/** The engine's face: cut a picture into items, learn their prompts, edit them. */
export class Editor {
  /** What cuts pictures, with what this checkpoint knows of things and words. */
  readonly segmenter: Segmenter;

  private constructor(
    readonly pipeline: Pipeline,
    segmenter?: string,
  ) {
    const own = new CheckpointSegmenter(pipeline);
    this.segmenter = segmenter === undefined ? own : new PanopticSegmenter(segmenter, own);
  }

  /**
   * @param path a checkpoint: a folder in diffusers layout or a .safetensors file
   * @param options `budget`: bytes that the process may hold; learning is planned to fit. `segmenter`: the folder of a
   *   panoptic model that cuts pictures, and finds what it has words for
   * @throws UserError when the checkpoint or the segmenter cannot be used
   */
  static open(
    path: string,
    {
      device = 'cpu',
      threads,
      budget,
      safety,
      segmenter,
      ...options
    }: OpenOptions & {
      device?: Device;
      threads?: number;
      budget?: number;
      safety?: Safety;
      segmenter?: string;
    } = {},
  ): Editor {
    const pipeline = new Pipeline(openCheckpoint(path, options), device, threads, budget, safety);
    return new Editor(pipeline, segmenter);
  }

  /** Cuts the picture into at most 8 items, the ground first; or takes the label map a person drew. */
  segment(picture: Raster, drawn?: LabelMap): Promise<Scene> {
    return cut(picture, drawn, this.segmenter);
  }

  /** Whether the checkpoint at this path can say what things are. */
  static namesItems(path: string): boolean {
    return hasScorer(path);
  }

  /**
   * The same without a checkpoint: segmentation needs none, and gives colours and places for names.
   * @param segmenter as `openSegmenter` opens it; without one by what comes with dedit
   */
  static async cut(picture: Raster, drawn?: LabelMap, segmenter?: Segmenter): Promise<Scene> {
    return await cut(picture, drawn, segmenter);
  }

  /** A picture whose items others may use, cut as any other. */
  static async reference(picture: Raster, drawn?: LabelMap, segmenter?: Segmenter): Promise<Scene> {
    return asReference(await cut(picture, drawn, segmenter));
  }

  /** The same, its items named as `segment` names them. */
  async reference(picture: Raster, drawn?: LabelMap): Promise<Scene> {
    return asReference(await this.segment(picture, drawn));
  }

  /** The association settings of this checkpoint: the paper's, or what its makers recommend. */
  associationDefaults(method = this.pipeline.family.method): AssociationOptions {
    return { ...defaultsFor(method), ...this.pipeline.checkpoint.recommended.association };
  }

  editDefaults(picture: { width: number; height: number }): EditOptions {
    return editDefaults(this.pipeline, picture);
  }

  /**
   * What a job of the checkpoint's on a picture of this size needs at the very least: ask before it starts. Learning
   * takes more where more is free, to be faster.
   * @param items how many the picture has
   * @param batch how many pictures are drawn at once
   */
  memoryNeeded(
    picture: { width: number; height: number },
    items: number,
    job: 'learn' | 'edit',
    batch = 1,
  ): MemoryNeed {
    const { pipeline } = this;
    const frame = frameOf(pipeline, picture);
    const [height, width] = [frame.height / pipeline.factor, frame.width / pipeline.factor];
    if (job === 'edit') return editNeed(pipeline, { height, width }, items, 2 * batch);
    const { method, ...options } = this.associationDefaults();
    const stages = (['tokens', method] as const).map((stage) =>
      leastTrainingNeed(pipeline, { height, width }, items, { ...options, stage }),
    );
    return stages.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
  }

  /**
   * Learns a prompt for every item of the scene, and of its references together with it. What was learned of the scene
   * before goes on where there are pictures that it knows nothing of yet.
   */
  async associate(
    scene: Scene,
    options: Partial<AssociationOptions> = {},
    callbacks: AssociationCallbacks = {},
  ): Promise<Scene> {
    return await learnedFrom(this.pipeline, scene, { ...this.associationDefaults(), ...options }, callbacks);
  }

  /** The scene with what was learned of it before. @throws UserError when that was of another number of items */
  withLearned(scene: Scene, learned: Learned): Scene {
    if (learned.items !== scene.items.length)
      throw new UserError(
        `${learned.items} items were learned and the picture has ${scene.items.length}: use the same --masks as then`,
      );
    return withLearned(scene, learned);
  }

  /** The scene with new tokens that were never trained: what association starts from, to measure against. */
  untrained(scene: Scene): Scene {
    return withLearned(scene, freshTokens(this.pipeline, scene.items.length, this.associationDefaults()));
  }

  /**
   * Items with soft edges over nothing, as a PNG with alpha.
   * @throws UserError when there is no such item
   */
  static async cutOut(scene: Scene, items: readonly number[]): Promise<Uint8Array> {
    for (const item of items) requireItem(scene.labels, item);
    return await transparentPng(items.map((item) => cutoutOf(scene, item)));
  }

  /**
   * An edit as the picture's own pixels answer it: at full size, without a checkpoint. Undefined when there is no
   * such answer.
   * @throws UserError when the edit cannot be done
   */
  static async draft(
    scene: Scene,
    edit: Edit,
    { seed = SEED }: { seed?: number } = {},
  ): Promise<Scene | undefined> {
    if (edit.kind === 'imagine' || edit.kind === 'onFound' || looksFor(edit)) return undefined;
    return await drafted(scene, edit, planEdit(scene, edit, planning(scene.picture)), seed);
  }

  /**
   * Carries out one edit: by the picture's own pixels where they answer it, refined by the checkpoint when `redraw`
   * asks for that; by the checkpoint otherwise. Pixels outside the active and soft regions keep their values to the
   * bit; the same scene, edit and options give the same picture. Where the checkpoint can draw something new only
   * roughly, it is laid over the completed ground, and the scene says so.
   * @throws UserError when the edit cannot be done; the signal's reason when aborted
   */
  async edit(
    scene: Scene,
    edit: Edit,
    options: Partial<EditOptions> = {},
    callbacks: EditCallbacks = {},
  ): Promise<Edited> {
    const settings = { ...this.editDefaults(scene.picture), ...options };
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

  /**
   * The same edit once a seed. What the checkpoint draws is drawn in one batch: the caller sees that it fits (`memoryNeeded`).
   * @throws UserError when the edit cannot be done; the signal's reason when aborted
   */
  async variants(
    scene: Scene,
    edit: Edit,
    seeds: readonly number[],
    options: Partial<EditOptions> = {},
    callbacks: EditCallbacks = {},
  ): Promise<Edited[]> {
    const settings = { ...this.editDefaults(scene.picture), ...options };
    if (edit.kind === 'imagine')
      return await imagined(this.pipeline, scene, edit, settings, seeds, callbacks);
    if (edit.kind === 'onFound' || edit.kind === 'together' || isDrafted(edit) || looksFor(edit)) {
      const all: Edited[] = [];
      for (const seed of seeds) all.push(await this.edit(scene, edit, { ...options, seed }, callbacks));
      return all;
    }
    const plan = planEdit(scene, edit, { ...planning(scene.picture), edge: settings.edge });
    return await this.#drawn(scene, edit, plan, settings, seeds, callbacks);
  }

  /** What no pixels answer, a picture a seed. */
  async #drawn(
    scene: Scene,
    edit: PictureEdit,
    plan: EditPlan,
    settings: EditOptions,
    seeds: readonly number[],
    callbacks: EditCallbacks,
  ): Promise<Edited[]> {
    const whole = edit.kind === 'reconstruct';
    const isRough = !whole && !canDraw(await gaugeAutoencoder(this.pipeline, scene.picture, plan.active));
    const flag = isRough ? ({ rough: true } as const) : {};
    if (isRough && edit.kind === 'replace') {
      const all: Edited[] = [];
      for (const seed of seeds) {
        const rough = await roughly(this.pipeline, scene, edit, plan, { ...settings, seed }, callbacks);
        if (rough) all.push({ ...rough, ...flag });
      }
      if (all.length > 0) return all;
    }
    const what = { base: scene.picture, plan, learned: scene.learned, whole };
    const pictures = await redrawnAll(this.pipeline, what, settings, seeds, callbacks);
    const { labels, items } = plan;
    const layers = stillTrue(scene, edit);
    return pictures.map((picture) => ({ ...tidy({ ...scene, picture, labels, items, layers }), ...flag }));
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
    const what = { base: draft.picture, plan: within(plan, anew, settings.edge), learned };
    const picture = await redrawn(this.pipeline, what, settings, callbacks);
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

  /**
   * A draft drawn finer by the checkpoint and by what was learned of the items, where that makes it better: how much of
   * this picture, in this region, comes back from the checkpoint is measured first.
   * @param before what the edit was done on, with what was learned
   * @param draft as `draft` answered the edit
   * @returns undefined when the draft is the best there is
   * @throws the signal's reason when aborted
   */
  async refine(
    before: Scene,
    edit: Edit,
    draft: Scene,
    options: Partial<EditOptions> = {},
    callbacks: EditCallbacks = {},
  ): Promise<Scene | undefined> {
    if (edit.kind === 'imagine' || edit.kind === 'onFound') return undefined;
    const settings = { ...this.editDefaults(before.picture), redraw: REFINE, ...options };
    const plan = planEdit(before, edit, { ...planning(before.picture), edge: settings.edge });
    if (settings.redraw === 0 || areaOf(plan.active) === 0) return undefined;
    if (!canRefine(await gauge(this.pipeline, before, plan.active, settings.guidance))) return undefined;
    callbacks.signal?.throwIfAborted();
    return await this.#finer(before, plan, draft, settings, callbacks);
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

/**
 * A panoptic model's folder as what cuts pictures, without a checkpoint.
 * @throws UserError when it is not one that can be used
 */
export const openSegmenter = (folder: string): Segmenter => new PanopticSegmenter(folder, { segment });

/** Until they are learned with those of the picture they are used in, a reference's items are called by their names. */
const asReference = (scene: Scene): Scene => ({
  ...scene,
  items: scene.items.map(({ name }): Item => ({ name, prompt: { kind: 'text', text: name } })),
});

/** The plan, where no more than this is drawn. */
const within = (plan: EditPlan, active: Mask, edge: number): EditPlan => ({
  ...plan,
  active,
  soft: outerEdgeBand(active, edge),
});

/** What is known of covered items after something was drawn: not of the one that is another thing now. */
const stillTrue = ({ layers = [] }: Scene, edit: PictureEdit): readonly Layer[] =>
  edit.kind === 'reconstruct' ? [] : layers.filter(({ item }) => !('item' in edit) || item !== edit.item);

async function drafted(
  scene: Scene,
  edit: PictureEdit,
  plan: EditPlan,
  seed: number,
): Promise<Scene | undefined> {
  const draft = await draftEdit(scene, edit, plan, seed);
  return draft && tidy({ ...draft, learned: scene.learned, references: scene.references });
}

export { decodeLabels, decodePicture, encodeLabels, encodeMask, encodePng } from './compositing/decode.js';
export { drawOverlay } from './compositing/overlay.js';
export { drawStrip } from './compositing/strip.js';
export type { AssociationOptions, Progress } from './finetune/associate.js';
export { loadLearned, packLearned, saveLearned, unpackLearned } from './finetune/learnedFiles.js';
export { METHODS } from './families/family.js';
export { SAFETY, type Safety } from './diffusion/safety.js';
export { SAMPLER_NAMES } from './diffusion/samplers/index.js';
export { areasOf } from './masks/labelMap.js';
export { boundsOf, maskOf } from './masks/mask.js';
export { packLayers, unpackLayers } from './edits/layerFiles.js';
export { type MemoryNeed, shortage } from './memory.js';
export { pullCheckpoint } from './checkpoint/hub.js';
export type { Segmenter } from './segmentation/segmenter.js';
export { pick, type Seeds } from './segmentation/select/pick.js';
export { probeDevice } from './runtime/probe.js';
export type { Device } from './runtime/device.js';
export { supportedDevices } from './runtime/session.js';
