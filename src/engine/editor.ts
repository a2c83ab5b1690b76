import { type OpenOptions, openCheckpoint } from './checkpoint/open.js';
import { Pipeline } from './diffusion/pipeline.js';
import type { Safety } from './diffusion/safety.js';
import { Editing } from './editing/editing.js';
import { learnedFrom, type Taught } from './editing/learn.js';
import { memoryNeeded } from './editing/needs.js';
import { cut, cutWanted, type Edited, type Scene, type CutScene, withLearned } from './editing/scene.js';
import {
  associationDefaults,
  type EditCallbacks,
  type EditOptions,
  editSettings,
} from './editing/settings.js';
import { CheckpointSegmenter } from './editing/words.js';
import type { Edit } from './edits/index.js';
import { UserError } from './errors.js';
import type { Method } from './families/family.js';
import type { Learned } from './families/learned.js';
import { freshTokens } from './finetune/associate.js';
import type { AssociationCallbacks, AssociationOptions } from './finetune/options.js';
import type { MemoryNeed } from './memory.js';
import type { LabelMap, Raster } from './raster.js';
import type { Device } from './runtime/device.js';
import { PanopticSegmenter } from './segmentation/panoptic/panoptic.js';
import { segment } from './segmentation/segment.js';
import type { Segmenter } from './segmentation/segmenter.js';

export type { LoraChoice } from './checkpoint/lora/file.js';
export type { Edited, Scene, CutScene } from './editing/scene.js';
export type { EditCallbacks, EditOptions } from './editing/settings.js';

/** The engine's face: cut a picture into items, learn their prompts, edit them. */
export class Editor {
  /** What cuts pictures, with what this checkpoint knows of things and words. */
  readonly segmenter: Segmenter;
  readonly #editing: Editing;

  private constructor(
    readonly pipeline: Pipeline,
    segmenter?: string,
  ) {
    const own = new CheckpointSegmenter(pipeline);
    const makeRoom = async () => await pipeline.sessions.clear();
    this.segmenter =
      segmenter === undefined ? own : new PanopticSegmenter(segmenter, own, pipeline.budget, makeRoom);
    this.#editing = new Editing(pipeline, this.segmenter);
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
  segment(picture: Raster, drawn?: LabelMap): Promise<CutScene> {
    return cut(picture, drawn, this.segmenter);
  }

  /**
   * The same, where what is named is to be among the items: `remarks` say what is not.
   * @param words at most 7 names
   * @param onWord called before the i-th of them is looked for
   */
  async segmentFor(
    picture: Raster,
    words: readonly string[],
    onWord?: (i: number) => void,
  ): ReturnType<typeof cutWanted> {
    return await cutWanted(picture, words, this.segmenter, onWord);
  }

  /** The association settings of this checkpoint: the paper's, or what its makers recommend. */
  associationDefaults(method?: Method): AssociationOptions {
    return associationDefaults(this.pipeline, method);
  }

  editDefaults(picture: { width: number; height: number }): EditOptions {
    return editSettings(this.pipeline, picture);
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
    return memoryNeeded(this.pipeline, picture, items, job, batch);
  }

  /**
   * Learns a prompt for every item of the scene, and of its references together with it. What was learned of the scene
   * before goes on where there are pictures that it knows nothing of yet.
   */
  async associate(
    scene: Scene,
    options: Partial<AssociationOptions> = {},
    callbacks: AssociationCallbacks = {},
  ): Promise<Taught> {
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
    return await this.#editing.edit(scene, edit, options, callbacks);
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
    return await this.#editing.variants(scene, edit, seeds, options, callbacks);
  }

  /**
   * A draft drawn finer by the checkpoint and by what was learned of the items, where that makes it better: how much of
   * this picture, in this region, comes back from the checkpoint is measured first.
   * @param before what the edit was done on, with what was learned
   * @param draft as `pixels.draft` answered the edit
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
    return await this.#editing.refine(before, edit, draft, options, callbacks);
  }
}

/** What needs no checkpoint. */
export * as pixels from './editing/pixels.js';

/** Whether the checkpoint at this path can say what things are. */
export { hasScorer as namesItems } from './checkpoint/scorer.js';

/**
 * A panoptic model's folder as what cuts pictures, without a checkpoint.
 * @param budget bytes that the process may hold
 * @throws UserError when it is not one that can be used
 */
export const openSegmenter = (folder: string, budget?: number): Segmenter =>
  new PanopticSegmenter(folder, { segment }, budget);

export { decodeLabels, decodePicture, encodeLabels, encodeMask, encodePng } from './compositing/decode.js';
export { drawOverlay } from './compositing/overlay.js';
export { drawStrip } from './compositing/strip.js';
export { type AssociationOptions, exactly, type Progress, type StepsTaken } from './finetune/options.js';
export { extractLora } from './finetune/extractLora.js';
export { loadLearned, packLearned, saveLearned, unpackLearned } from './finetune/learnedFiles.js';
export { METHODS } from './families/family.js';
export { SAFETY, type Safety } from './diffusion/safety.js';
export { SAMPLER_NAMES } from './diffusion/samplers/index.js';
export { areasOf } from './masks/labelMap.js';
export { boundsOf, maskOf } from './masks/mask.js';
export { packLayers, unpackLayers } from './edits/layerFiles.js';
export { type MemoryNeed, shortage } from './memory.js';
export { copiesIn, DEFAULT_CACHE, emptyCopies } from './checkpoint/cache.js';
export { LORA_FILE, type Pulled, pullCheckpoint } from './checkpoint/hub.js';
export type { Segmenter } from './segmentation/segmenter.js';
export { pick, type Seeds } from './segmentation/select/pick.js';
export { precisionOn, type PrecisionChoice, PRECISIONS } from './runtime/precision.js';
export { probeDevice } from './runtime/probe.js';
export type { Device } from './runtime/device.js';
export { supportedDevices } from './runtime/session.js';
