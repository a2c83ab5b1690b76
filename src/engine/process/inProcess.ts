import sharp from 'sharp';
import {
  type AssociationOptions,
  decodeLabels,
  decodePicture,
  drawStrip,
  type EditOptions,
  type Editor,
  encodePng,
  exactly,
  namesItems,
  packLearned,
  pixels,
  type Segmenter,
  unpackLearned,
} from '../editor.js';
import type { Edit } from '../edits/index.js';
import type {
  Cutting,
  Engine,
  EngineCall,
  KnownScene,
  LearnedItems,
  ShownScene,
  StoredScene,
} from '../engine.js';
import { UserError } from '../errors.js';
import type { Raster } from '../raster.js';
import { decodeMask } from '../compositing/decode.js';
import { admit, admitPicture, batchOf, fitsBeside, type Job } from './admission.js';
import { type EngineOptions, openEditor, segmenterIn } from './options.js';
import { stepping } from './progress.js';
import { asCut, type Cut, remarked } from './remarks.js';
import { SceneFiles } from './sceneFiles.js';

const WITHOUT_MODEL = 'I cut this picture without the model that sees what things are';

/**
 * The editor on files instead of pictures in memory. The checkpoint is opened when it is first needed. One call at a time,
 * unless they take turns (turns.ts).
 */
export class InProcessEngine implements Engine {
  readonly #scenes = new SceneFiles();
  #editor: Editor | undefined;
  #segmenter: Segmenter | undefined;
  /** Why the editor was opened without the segmenter. */
  #fault: UserError | undefined;

  constructor(private readonly options: EngineOptions) {}

  async segment(
    bytes: Uint8Array,
    { labels, letter, words = [] }: Cutting = {},
    { signal, onProgress }: EngineCall = {},
  ): Promise<ShownScene> {
    const { picture } = await decodePicture(bytes);
    admitPicture(picture, this.options.memoryLimit);
    signal?.throwIfAborted();
    // other threads do that while this one looks for items
    const png = encodePng(picture);
    png.catch(() => {}); // whoever waits for it hears of it
    onProgress?.({ stage: 'segment', step: 0, of: 1 });
    const onWord = (step: number): void => {
      signal?.throwIfAborted();
      onProgress?.({ stage: 'segment', step, of: words.length });
    };
    const { remarks, ...scene } =
      words.length > 0 && !labels
        ? await this.#cutFor(picture, words, onWord)
        : await this.#cut(picture, labels);
    return {
      ...(await this.#scenes.write(letter ? pixels.asReference(scene) : scene, letter, png)),
      ...(remarks.length > 0 ? { remarks } : {}),
    };
  }

  async #cut(picture: Raster, labels?: Uint8Array): Promise<Cut> {
    if (labels) return asCut(await pixels.cut(picture, await decodeLabels(labels, picture)));
    try {
      // only a checkpoint that can say what things are is opened for this
      if (!namesItems(this.options.checkpoint))
        return asCut(await pixels.cut(picture, undefined, (this.#segmenter ??= segmenterIn(this.options))));
      const cut = asCut(await (await this.#open()).segment(picture));
      return this.#fault ? remarked(cut, WITHOUT_MODEL, this.#fault) : cut;
    } catch (error) {
      // a segmenter's folder may break while people talk: who sends a picture is not to wait for who mends it
      if (!(error instanceof UserError) || this.options.segmenter === undefined) throw error;
      return remarked(asCut(await pixels.cut(picture)), WITHOUT_MODEL, error);
    }
  }

  /** Cut with what the words name among the items; as without words where the checkpoint cannot be asked. */
  async #cutFor(picture: Raster, words: readonly string[], onWord: (i: number) => void): Promise<Cut> {
    try {
      const editor = await this.#editorFor({ picture, items: words }, 'edit');
      return asCut(await editor.segmentFor(picture, words, onWord));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return remarked(await this.#cut(picture), `I cannot look for "${words.join(', ')}" here`, error);
    }
  }

  async associate(
    stored: KnownScene,
    { seed }: { seed: number },
    { signal, makeWay, onProgress }: EngineCall = {},
  ): Promise<LearnedItems> {
    const known = await this.#scenes.read(stored);
    const editor = await this.#editorFor(known, 'learn');
    const { finetuneSteps } = this.options;
    const options: Partial<AssociationOptions> = { seed, ...(finetuneSteps ? exactly(finetuneSteps) : {}) };
    const pictures = 1 + Object.keys(known.references ?? {}).length;
    const steps = options.steps ?? editor.associationDefaults().steps;
    const [first, second] = steps.map((each) => pictures * each) as [number, number];
    const learned = stored.learned && unpackLearned(stored.learned);
    const scene = await editor.associate({ ...known, learned }, options, {
      signal,
      makeWay,
      onProgress: ({ stage, step }) =>
        onProgress?.({ stage: 'learn', step: step + (stage === 1 ? 0 : first), of: first + second }),
    });
    const references = Object.entries(scene.references ?? {}).map(
      ([letter, { items }]) => [letter, items] as const,
    );
    return {
      items: scene.items,
      learned: packLearned(scene.learned!),
      steps: scene.steps,
      ...(references.length > 0 ? { references: Object.fromEntries(references) } : {}),
    };
  }

  async edit(
    stored: KnownScene,
    edit: Edit,
    options: Partial<EditOptions>,
    { signal, onProgress }: EngineCall = {},
  ): Promise<ShownScene> {
    const scene = await this.#scenes.read(stored);
    const learned = stored.learned && unpackLearned(stored.learned);
    // what the picture itself answers needs no checkpoint, and is not to wait for one to be opened
    const draft = options.redraw ? undefined : await pixels.draft({ ...scene, learned }, edit, options);
    if (draft) return await this.#scenes.write(draft);
    const editor = await this.#editorFor(scene, 'edit');
    let blurred = false;
    const callbacks = { ...stepping('edit', signal, onProgress), onBlurred: () => (blurred = true) };
    const edited = await editor.edit({ ...scene, learned }, edit, options, callbacks);
    return await this.#scenes.writeDrawn(edited, blurred);
  }

  async variants(
    stored: KnownScene,
    edit: Edit,
    options: Partial<EditOptions>,
    seeds: readonly number[],
    { signal, onProgress }: EngineCall = {},
  ): Promise<ShownScene[]> {
    const scene = {
      ...(await this.#scenes.read(stored)),
      learned: stored.learned && unpackLearned(stored.learned),
    };
    const editor = await this.#editorFor(scene, 'edit');
    const batch = batchOf(editor, scene, seeds.length, this.options.memoryLimit);
    const all: ShownScene[] = [];
    for (let at = 0; at < seeds.length; at += batch) {
      const blurred = new Set<number>();
      const callbacks = {
        ...stepping('edit', signal, onProgress),
        onBlurred: (which: number) => void blurred.add(which),
      };
      const some = await editor.variants(scene, edit, seeds.slice(at, at + batch), options, callbacks);
      for (const [i, one] of some.entries()) all.push(await this.#scenes.writeDrawn(one, blurred.has(i)));
    }
    return all;
  }

  async refine(
    before: StoredScene & { readonly learned: Uint8Array },
    edit: Edit,
    draft: StoredScene,
    options: Partial<EditOptions>,
    { signal, makeWay, onProgress }: EngineCall = {},
  ): Promise<ShownScene | undefined> {
    const learned = unpackLearned(before.learned);
    const [scene, drafted] = [await this.#scenes.read(before), await this.#scenes.read(draft)];
    const editor = await this.#editorFor(scene, 'edit');
    const callbacks = { ...stepping('refine', signal, onProgress), makeWay };
    const refined = await editor.refine({ ...scene, learned }, edit, drafted, options, callbacks);
    return refined && (await this.#scenes.write(refined));
  }

  async cutOut(scene: StoredScene, items: readonly number[]): Promise<Uint8Array> {
    return await pixels.cutOut(await this.#scenes.read(scene), items);
  }

  async strip(pictures: readonly Uint8Array[]): Promise<Uint8Array> {
    const decoded = await Promise.all(pictures.map(decodePicture));
    return await encodePng(await drawStrip(decoded.map(({ picture }) => picture)));
  }

  async mask(bytes: Uint8Array, size: { width: number; height: number }): Promise<Uint8Array> {
    const { data } = await decodeMask(bytes, size);
    if (!data.includes(1)) throw new UserError('the mask is all black: draw the item in white');
    return data;
  }

  async close(): Promise<void> {
    this.#editor = undefined;
  }

  /** Whether there is memory to draw this while something is learned. */
  async fitsBeside({ picture, items }: StoredScene): Promise<boolean> {
    const { width = 0, height = 0 } = await sharp(picture).metadata();
    return await fitsBeside(await this.#open(), { width, height }, items.length, this.options.memoryLimit);
  }

  /** @throws UserError when the job does not fit into memory */
  async #editorFor(scene: Parameters<typeof admit>[1], job: Job): Promise<Editor> {
    const editor = await this.#open();
    await admit(editor, scene, job, this.options.memoryLimit);
    return editor;
  }

  async #open(): Promise<Editor> {
    if (this.#editor) return this.#editor;
    let editor: Editor;
    try {
      editor = await openEditor(this.options);
    } catch (error) {
      const { segmenter, ...others } = this.options;
      if (!(error instanceof UserError) || segmenter === undefined) throw error;
      // nothing else needs the segmenter; where it is the checkpoint that is at fault, that is said once more
      editor = await openEditor(others);
      this.#fault = error;
    }
    return (this.#editor ??= editor);
  }
}
