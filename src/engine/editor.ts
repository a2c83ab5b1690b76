import { type OpenOptions, openCheckpoint } from './checkpoint/open.js';
import { transparentPng } from './compositing/transparent.js';
import { cropBox, pasteBack } from './compositing/region.js';
import { cropLabels, cropRaster, resizeRaster } from './compositing/resize.js';
import { editBytes } from './diffusion/footprints.js';
import { Pipeline } from './diffusion/pipeline.js';
import { placeholder } from './diffusion/prompts.js';
import { gaussians } from './diffusion/random.js';
import { type Regions, sample, type Start } from './diffusion/sample.js';
import { makeSampler, type SamplerName, samplingDefaults } from './diffusion/samplers/index.js';
import { NoiseSchedule } from './diffusion/schedule.js';
import {
  type Edit,
  type Item,
  type ItemPrompt,
  cutoutOf,
  draftEdit,
  type EditPlan,
  type Layer,
  type PictureEdit,
  planEdit,
  tidy,
} from './edits/index.js';
import { UserError } from './errors.js';
import type { Encoded } from './families/family.js';
import type { Learned } from './families/learned.js';
import {
  type AssociationCallbacks,
  type AssociationOptions,
  associate,
  freshTokens,
  defaultsFor,
} from './finetune/associate.js';
import { leastTrainingBytes } from './finetune/plan.js';
import { maskToGrid } from './masks/grid.js';
import { areasOf, renumber, requireItem } from './masks/labelMap.js';
import { areaOf, type Box, emptyMask, union } from './masks/mask.js';
import type { LabelMap, Mask, Raster } from './raster.js';
import type { Device } from './runtime/device.js';
import type { Tensor } from './runtime/session.js';
import { segment } from './segmentation/segment.js';

export type { LoraChoice } from './checkpoint/lora/file.js';

/** A picture cut into items; the unit that everything here takes and returns. Nothing in it is ever changed. */
export interface Scene {
  readonly picture: Raster;
  readonly labels: LabelMap;
  /** One a label, in order. */
  readonly items: readonly Item[];
  readonly learned?: Learned | undefined;
  /** The whole of items that others partly cover. */
  readonly layers?: readonly Layer[] | undefined;
  /** Other pictures whose items may be used, by letter from B on; made with `Editor.reference`. */
  readonly references?: Readonly<Record<string, Scene>> | undefined;
}

export interface EditOptions {
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
  /** For how much of the run the soft band stays frozen, 0–1. */
  readonly strength: number;
  /** Width of the soft band in pixels of the picture. */
  readonly edge: number;
  readonly sampler: SamplerName;
  /**
   * How much of a draft is drawn anew: 0 is the draft as it is, 1 forgets it and draws from noise as the paper does.
   * Edits that have no draft are always drawn from noise.
   */
  readonly redraw: number;
}

export interface EditCallbacks {
  readonly onStep?: ((done: number, of: number) => void) | undefined;
  /** Given the region that changes, decoded from the current latent, a few times an edit; costs a decoding each. */
  readonly onPreview?: ((picture: Raster) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A latent cell counts as touched from this covered share on: less leaves no trace a person could see. */
const TOUCHED = 0.06;
/** The soft band's default width and the active region's margin, as shares of the longer side. */
const EDGE = 20 / 512;
const MARGIN = 8 / 512;
/** How many pictures at most show an edit forming. */
const PREVIEWS = 5;
const SEED = 42;
/** Sampling noise is drawn from its own stream of the seed. */
const NOISE_STREAM = 11;
const STEP_NOISE_STREAM = 12;

/** The engine's face: cut a picture into items, learn their prompts, edit them. */
export class Editor {
  private constructor(readonly pipeline: Pipeline) {}

  /**
   * @param path a checkpoint: a folder in diffusers layout or a .safetensors file
   * @throws UserError when the checkpoint cannot be used
   */
  static open(
    path: string,
    { device = 'cpu', threads, ...options }: OpenOptions & { device?: Device; threads?: number } = {},
  ): Editor {
    return new Editor(new Pipeline(openCheckpoint(path, options), device, threads));
  }

  /** Cuts the picture into at most 8 items, the ground first; or takes the label map a person drew. */
  segment(picture: Raster, drawn?: LabelMap): Promise<Scene> {
    return Editor.cut(picture, drawn);
  }

  /** The same without a checkpoint: segmentation needs none. */
  static async cut(picture: Raster, drawn?: LabelMap): Promise<Scene> {
    const { labels, names } = drawn ? named(drawn) : await cut(picture);
    return {
      picture,
      labels,
      items: names.map((name, item) => ({ name, prompt: { kind: 'learned', item } })),
    };
  }

  /** A picture whose items others may use, cut as any other. */
  static async reference(picture: Raster, drawn?: LabelMap): Promise<Scene> {
    const scene = await Editor.cut(picture, drawn);
    // until they are learned together with those of the picture they are used in, they are called by their names
    const items = scene.items.map(({ name }): Item => ({ name, prompt: { kind: 'text', text: name } }));
    return { ...scene, items };
  }

  /** The association settings of this checkpoint: the paper's, or what its makers recommend. */
  associationDefaults(method = this.pipeline.family.method): AssociationOptions {
    return { ...defaultsFor(method), ...this.pipeline.checkpoint.recommended.association };
  }

  editDefaults({ width, height }: { width: number; height: number }): EditOptions {
    const { scheduler, recommended } = this.pipeline.checkpoint;
    const { steps, guidance, sampler, strength } = {
      ...{ ...samplingDefaults(scheduler), strength: 0.6 },
      ...recommended,
    };
    const edge = edgeOf({ width, height });
    return { seed: 42, steps, guidance, strength, edge, redraw: 0, sampler };
  }

  /**
   * Bytes that a job on a picture of this size needs at the very least: ask before it starts. Learning takes more where
   * more is free, to be faster.
   * @param items how many the picture has
   */
  memoryNeeded(picture: { width: number; height: number }, items: number, job: 'learn' | 'edit'): number {
    const { pipeline } = this;
    const frame = this.#frame(picture);
    const [height, width] = [frame.height / pipeline.factor, frame.width / pipeline.factor];
    if (job === 'edit') return editBytes(pipeline, { height, width }, items);
    const { method, ...options } = this.associationDefaults();
    return Math.max(
      ...(['tokens', method] as const).map((stage) =>
        leastTrainingBytes(pipeline, { height, width }, items, { ...options, stage }),
      ),
    );
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
    const { learned: before, references = {} } = scene;
    const order = referenceOrder(references);
    const pictures = [scene, ...order.map((letter) => references[letter]!)];
    const total = pictures.reduce((sum, { items }) => sum + items.length, 0);
    const subjects = [];
    for (const { picture, labels, items } of pictures) {
      const frame = this.#frame(picture);
      const resized = await resizeRaster(picture, frame.width, frame.height);
      subjects.push({ latents: await this.pipeline.encodePicture(resized), labels, items: items.length });
    }
    const learned = await associate(
      this.pipeline,
      subjects,
      { ...this.associationDefaults(), ...options },
      callbacks,
      before && before.items < total ? before : undefined,
    );
    let first = scene.items.length;
    const named = order.map((letter) => {
      const reference = references[letter]!;
      const at = first;
      first += reference.items.length;
      return [letter, { ...reference, items: learnedItems(reference, at) }] as const;
    });
    const known = withLearned(scene, learned);
    return named.length > 0 ? { ...known, references: Object.fromEntries(named) } : known;
  }

  /** The scene with what was learned of it before. */
  withLearned(scene: Scene, learned: Learned): Scene {
    if (learned.items !== scene.items.length) {
      throw new UserError(
        `${learned.items} items were learned and the picture has ${scene.items.length}: use the same --masks as then`,
      );
    }
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
    if (edit.kind === 'imagine') return undefined;
    return await drafted(scene, edit, planEdit(scene, edit, planning(scene.picture)), seed);
  }

  /**
   * Carries out one edit: by the picture's own pixels where they answer it, refined by the checkpoint when `redraw`
   * asks for that; by the checkpoint otherwise. Pixels outside the active and soft regions keep their values to the bit; the same scene,
   * edit and options give the same picture.
   * @throws UserError when the edit cannot be done; the signal's reason when aborted
   */
  async edit(
    scene: Scene,
    edit: Edit,
    options: Partial<EditOptions> = {},
    callbacks: EditCallbacks = {},
  ): Promise<Scene> {
    const settings = { ...this.editDefaults(scene.picture), ...options };
    if (edit.kind === 'imagine') return this.#imagine(scene, edit.item, edit.words, settings, callbacks);
    const plan = planEdit(scene, edit, { ...planning(scene.picture), edge: settings.edge });
    const draft = await drafted(scene, edit, plan, settings.seed);
    // colours alone and relabellings leave nothing to draw
    if (draft && (settings.redraw === 0 || areaOf(plan.active) === 0)) return draft;
    const base = draft?.picture ?? scene.picture;
    const whole = edit.kind === 'reconstruct';
    const box = whole ? wholeOf(base) : this.#editBox(base, union(plan.active, plan.soft));
    const frame = this.#frame(box);
    const crop = await resizeRaster(cropRaster(base, box), frame.width, frame.height);
    const original = await this.pipeline.encodePicture(crop);
    const [, , height, width] = original.shape as [number, number, number, number];
    const touched = (mask: Mask, w: number, h: number): Uint8Array =>
      Uint8Array.from(maskToGrid(cropLabels(mask, box), w, h), (share) => Number(share > TOUCHED));
    const regions: Regions = {
      active: touched(plan.active, width, height),
      soft: touched(plan.soft, width, height),
      strength: settings.strength,
      original: original.data as Float32Array,
    };
    const drawn = await this.#draw(
      {
        shape: original.shape,
        labels: cropLabels(plan.labels, box),
        items: plan.items,
        learned: scene.learned,
      },
      settings,
      whole ? undefined : regions,
      callbacks,
      draft && { latents: regions.original, amount: settings.redraw },
      whole || !this.pipeline.family.denoiser.fillsHoles
        ? undefined
        : await this.pipeline.hole(
            crop,
            { ...frame, data: touched(union(plan.active, plan.soft), frame.width, frame.height) },
            touched(union(plan.active, plan.soft), width, height),
          ),
    );
    const edited = await resizeRaster(drawn, box.width, box.height);
    const picture = pasteBack(base, edited, box, plan.active, plan.soft);
    return draft
      ? { ...draft, picture }
      : tidy({ ...scene, picture, labels: plan.labels, items: plan.items, layers: stillTrue(scene, edit) });
  }

  /** A new picture, of the checkpoint's own size, of one item and words. */
  async #imagine(
    scene: Scene,
    item: number,
    words: string,
    settings: EditOptions,
    callbacks: EditCallbacks,
  ): Promise<Scene> {
    const side = this.pipeline.nativeSide;
    const labels: LabelMap = emptyMask(side, side);
    const cell = side / this.pipeline.factor;
    const { name, prompt } = scene.items[item]!;
    const combined: Item = { name: `${name} ${words}`, prompt: extended(prompt, words) };
    const shape = [1, this.pipeline.family.denoiser.channels, cell, cell];
    const picture = await this.#draw(
      { shape, labels, items: [combined], learned: scene.learned },
      settings,
      undefined,
      callbacks,
    );
    return { picture, labels, items: [combined], learned: scene.learned };
  }

  /** Samples and decodes: every item's cells listen to its own prompt. */
  async #draw(
    target: {
      shape: readonly number[];
      labels: LabelMap;
      items: readonly Item[];
      learned: Learned | undefined;
    },
    { seed, steps, guidance, sampler: name }: EditOptions,
    regions: Regions | undefined,
    { onStep, onPreview, signal }: EditCallbacks,
    from?: Start,
    hole?: Tensor,
  ): Promise<Raster> {
    const { pipeline } = this;
    const { embedsGuidance } = pipeline.family.denoiser;
    const [, channels, height, width] = target.shape as [number, number, number, number];
    const prompts = await this.#encode(target.items, target.learned);
    const prompted = [prompts, target.labels] as const;
    const tokens = prompts.hidden.shape[1]!;
    // without guidance (1) the model is asked once a step, as few-step checkpoints want it
    const rows =
      guidance === 1 || embedsGuidance
        ? [prompted]
        : [[await pipeline.unconditional(tokens), 'ordinary'] as const, prompted];
    const batch = rows.length;
    const denoise = await pipeline.predictor({
      height,
      width,
      rows: rows.map(([condition]) => condition),
      groups: pipeline.groups(
        rows.map(([, labels]) => labels),
        { height, width },
        target.items.length,
        tokens,
      ),
      ...{ learned: target.learned, guidance, hole },
    });
    const size = channels * height * width;
    const input = new Float32Array(batch * size);
    const latents = await sample({
      sampler: makeSampler(name, new NoiseSchedule(pipeline.checkpoint.scheduler), steps),
      guidanceScale: guidance,
      noise: gaussians(size, seed, NOISE_STREAM),
      stepNoise: (i) => gaussians(size, seed, STEP_NOISE_STREAM, i),
      regions,
      from,
      signal,
      onStep: async (done, of, x) => {
        onStep?.(done, of);
        if (onPreview && done < of && done % Math.ceil(of / PREVIEWS) === 0)
          onPreview(await pipeline.decodeLatents({ shape: target.shape, data: x }));
      },
      predict: async (x, timestep) => {
        for (let row = 0; row < batch; row++) input.set(x, row * size);
        const out = await denoise(input, timestep);
        await new Promise((resolve) => setImmediate(resolve)); // let a cancellation in
        const cond = out.subarray((batch - 1) * size);
        return batch === 1 ? { cond } : { cond, uncond: out.subarray(0, size) };
      },
    });
    return pipeline.decodeLatents({ shape: target.shape, data: latents });
  }

  /** Encodes all items' prompts; blends are made between encoded prompts. */
  async #encode(items: readonly Item[], learned: Learned | undefined): Promise<Encoded> {
    const flat: { text: string; weight: number; item: number }[] = [];
    const collect = (prompt: ItemPrompt, weight: number, item: number): void => {
      if (prompt.kind === 'blend') {
        collect(prompt.from, weight * (1 - prompt.amount), item);
        collect(prompt.to, weight * prompt.amount, item);
      } else flat.push({ text: textOf(prompt), weight, item });
    };
    for (const [i, item] of items.entries()) collect(learned ? item.prompt : unlearned(item), 1, i);
    const encoded = await this.pipeline.encodePrompts(
      flat.map((f) => f.text),
      learned,
    );
    const mix = ({ shape, data }: Tensor): Tensor => {
      const row = shape.slice(1).reduce((a, b) => a * b, 1);
      const out = new Float32Array(items.length * row);
      for (const [from, { weight, item }] of flat.entries()) {
        for (let i = 0; i < row; i++) out[item * row + i]! += weight * (data[from * row + i] as number);
      }
      return { shape: [items.length, ...shape.slice(1)], data: out };
    };
    const mixed = Object.entries(encoded).map(([name, tensor]) => [name, mix(tensor)] as const);
    return Object.fromEntries(mixed) as Encoded;
  }

  /** The model's resolution for a box: its aspect ratio, about the checkpoint's own area, sides that divide. */
  #frame({ width, height }: { width: number; height: number }): { width: number; height: number } {
    const { nativeSide, sideMultiple } = this.pipeline;
    const scale = nativeSide / Math.sqrt(width * height);
    const side = (length: number): number =>
      Math.max(1, Math.round((length * scale) / sideMultiple)) * sideMultiple;
    return { width: side(width), height: side(height) };
  }

  /** What the model gets to see around a change: twice its size, and never so little that it would be enlarged. */
  #editBox(picture: Raster, region: Mask): Box {
    const minFraction = Math.min(1, this.pipeline.nativeSide / Math.min(picture.width, picture.height));
    return cropBox(region, picture, { context: 1, minFraction });
  }
}

const wholeOf = ({ width, height }: Raster): Box => ({ left: 0, top: 0, width, height });

/** What plans need to know of a picture besides its items. */
const planning = ({ width, height }: Raster): { edge: number; margin: number } => ({
  edge: edgeOf({ width, height }),
  margin: Math.max(1, Math.round(MARGIN * Math.max(width, height))),
});

const edgeOf = ({ width, height }: { width: number; height: number }): number =>
  Math.max(2, Math.round(EDGE * Math.max(width, height)));

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

async function cut(picture: Raster): Promise<{ labels: LabelMap; names: string[] }> {
  const { labels, items } = await segment(picture);
  return { labels, names: items.map((item) => item.name) };
}

function named(drawn: LabelMap): { labels: LabelMap; names: string[] } {
  const { labels } = renumber(drawn);
  return { labels, names: areasOf(labels).map((_, i) => (i === 0 ? 'background' : `item ${i + 1}`)) };
}

const withLearned = (scene: Scene, learned: Learned): Scene => ({
  ...scene,
  items: learnedItems(scene, 0),
  learned,
});

/** Items that listen to their own tokens, which are those of all learned items from `first` on. */
const learnedItems = ({ items }: Scene, first: number): Item[] =>
  items.map(({ name }, i) => ({ name, prompt: { kind: 'learned', item: first + i } }));

/** References whose items were learned before, in the order of their tokens, and then the others by letter. */
function referenceOrder(references: Readonly<Record<string, Scene>>): string[] {
  const first = (letter: string): number => {
    const prompt = references[letter]!.items[0]!.prompt;
    return prompt.kind === 'learned' ? prompt.item : Infinity;
  };
  return Object.keys(references).sort((a, b) =>
    first(a) === first(b) ? (a < b ? -1 : 1) : first(a) - first(b),
  );
}

function textOf(prompt: Exclude<ItemPrompt, { kind: 'blend' }>): string {
  if (prompt.kind === 'text') return prompt.text;
  return prompt.words ? `${placeholder(prompt.item)} ${prompt.words}` : placeholder(prompt.item);
}

/** What an item listens to before anything is learned: its name in place of its learned tokens. */
function unlearned({ name, prompt }: Item): Exclude<ItemPrompt, { kind: 'learned' }> {
  if (prompt.kind === 'text') return prompt;
  if (prompt.kind === 'blend')
    return {
      ...prompt,
      from: unlearned({ name, prompt: prompt.from }),
      to: unlearned({ name, prompt: prompt.to }),
    };
  return { kind: 'text', text: [prompt.words, name].filter(Boolean).join(' ') };
}

function extended(prompt: ItemPrompt, words: string): ItemPrompt {
  if (prompt.kind === 'text') return { kind: 'text', text: `${prompt.text} ${words}` };
  if (prompt.kind === 'learned') return { ...prompt, words: [prompt.words, words].filter(Boolean).join(' ') };
  return { ...prompt, from: extended(prompt.from, words), to: extended(prompt.to, words) };
}

export { decodeLabels, decodePicture, encodeLabels, encodeMask, encodePng } from './compositing/decode.js';
export { drawOverlay } from './compositing/overlay.js';
export { drawStrip } from './compositing/strip.js';
export type { AssociationOptions, Progress } from './finetune/associate.js';
export { loadLearned, packLearned, saveLearned, unpackLearned } from './finetune/learnedFiles.js';
export { METHODS } from './families/family.js';
export { SAMPLER_NAMES } from './diffusion/samplers/index.js';
export { areasOf } from './masks/labelMap.js';
export { boundsOf, maskOf } from './masks/mask.js';
export { packLayers, unpackLayers } from './edits/layerFiles.js';
export { pullCheckpoint } from './checkpoint/hub.js';
export { pick, type Seeds } from './segmentation/select/pick.js';
export { probeDevice } from './runtime/probe.js';
export type { Device } from './runtime/device.js';
export { supportedDevices } from './runtime/session.js';
