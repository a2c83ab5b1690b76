import { statSync } from 'node:fs';
import { type MemoryNeed, shortage } from '../../memory.js';
import { areaOf, maskOf } from '../../masks/mask.js';
import type { Mask, Raster } from '../../raster.js';
import { HostError } from '../../errors.js';
import { OnnxFile } from '../../runtime/onnxFile.js';
import { toLab } from '../lab.js';
import { nameItems } from '../names.js';
import { calledBy } from '../naming/calledBy.js';
import { MOST_ITEMS, type Segmentation, type Segmenter } from '../segmenter.js';
import { upsampleLabels } from '../upsample.js';
import { openPanoptic, type PanopticFiles } from './files.js';
import { itemsOf } from './items.js';
import { namesOf, plainName } from './names.js';
import { modest, prepared, seenSize } from './prepare.js';
import { type Segments, segmentsOf } from './segments.js';

/** Exports of DETR for transformers.js take a mask of this size, whatever the picture's: all of it is picture. */
const MASK_SIDE = 64;
/**
 * Bytes that a run holds for each pixel the model sees: with DETR's real size 4.3 GB for 640x480, 11 GB for 1066x800.
 * MaskFormer's masks are a quarter of a side, so it holds less.
 */
const PER_PIXEL = 14_000;

/**
 * Cuts pictures with a panoptic model (DETR, arXiv 2005.12872; MaskFormer, arXiv 2107.06278): things and stuff with the
 * names that the model has learned, found again by them. What it does not know is left to another segmenter.
 */
export class PanopticSegmenter implements Segmenter {
  readonly #files: PanopticFiles;
  #model: Promise<OnnxFile> | undefined;
  /** Of the last picture: several things are looked for in one. */
  #last: { readonly of: Raster; readonly segments: Promise<Segments> } | undefined;

  /**
   * @param folder config.json, preprocessor_config.json and onnx/model.onnx
   * @param otherwise who is asked where the model sees nothing, or there is no memory for it
   * @param budget bytes that the process may hold
   * @param makeRoom releases what others keep ready, where that is in the way
   * @throws HostError when the folder does not hold a model that can be used
   */
  constructor(
    private readonly folder: string,
    private readonly otherwise: Segmenter,
    private readonly budget = Infinity,
    private readonly makeRoom?: () => Promise<void>,
  ) {
    this.#files = openPanoptic(folder);
  }

  segment = async (picture: Raster): Promise<Segmentation> => {
    const missing = await this.#shortage(picture);
    if (missing)
      return {
        ...(await this.otherwise.segment(picture)),
        remarks: [`The model that sees what things are ${missing}: I cut this picture by its outlines alone`],
      };
    const found = await this.segments(picture);
    const { labels, names } = itemsOf(found, this.#files.labels, MOST_ITEMS);
    // one item, and nobody knows what
    if (names.every((name) => name === undefined)) return await this.otherwise.segment(picture);
    const masks = names.map((_, item) => maskOf(labels, item));
    const named = nameItems(masks, toLab(picture), undefined, names);
    return { labels: upsampleLabels(labels, picture), items: named.map((name) => ({ name })) };
  };

  find = async (picture: Raster, words: string): Promise<Mask | undefined> => {
    if (await this.#shortage(picture)) return await this.otherwise.find?.(picture, words);
    const { width, height, of, segments } = await this.segments(picture);
    const known = segments.map(({ label }) => namesOf(plainName(this.#files.labels[label]!) ?? ''));
    const wanted = calledBy(
      words,
      known.map((names) => ({ names })),
    );
    const isIt = known.map((names) => names[0] !== '' && names[0] === wanted?.names[0]);
    const data = of.map((segment) => Number(segment > 0 && isIt[segment - 1]));
    if (areaOf({ width, height, data }) > 0) return upsampleLabels({ width, height, data }, picture);
    return await this.otherwise.find?.(picture, words);
  };

  /** What a run of the model holds; its weights are read whole. */
  memoryNeeded(picture: Raster): MemoryNeed {
    const { model, processor } = this.#files;
    const { width, height } = seenSize(picture, modest(processor));
    return { mapped: 0, held: statSync(model).size + width * height * PER_PIXEL };
  }

  /** What is missing for a run; a picture that was seen already needs none. */
  async #shortage(picture: Raster): Promise<string | undefined> {
    if (this.#last?.of === picture) return undefined;
    const need = this.memoryNeeded(picture);
    const missing = (budget: number) => shortage(need, { free: process.availableMemory(), budget });
    if (missing(Infinity)) await this.makeRoom?.();
    return missing(this.budget);
  }

  /** What the model sees, at the size of the working picture (`toLab`). */
  segments(picture: Raster): Promise<Segments> {
    if (this.#last?.of === picture) return this.#last.segments;
    const segments = this.#ask(picture);
    this.#last = { of: picture, segments };
    // a file that is mended meanwhile is read anew
    segments.catch(() => (this.#model = this.#last = undefined));
    return segments;
  }

  async #ask(picture: Raster): Promise<Segments> {
    const { outputs, processor, labels } = this.#files;
    const model = await (this.#model ??= this.#open());
    const pixels = await prepared(picture, modest(processor));
    const feeds = {
      pixel_values: pixels,
      ...(model.inputs.includes('pixel_mask') && {
        pixel_mask: {
          shape: [1, MASK_SIDE, MASK_SIDE],
          data: new BigInt64Array(MASK_SIDE * MASK_SIDE).fill(1n),
        },
      }),
    };
    const found = await model.run(feeds, [outputs.classes, outputs.masks]);
    const classes = found[outputs.classes]!;
    if (classes.shape[2] !== labels.length + 1)
      throw new HostError(
        `${this.folder}: the model tells ${classes.shape[2]! - 1} labels apart and config.json names ${labels.length}: they do not belong together`,
      );
    const { width, height } = toLab(picture);
    return segmentsOf(classes, found[outputs.masks]!, { width, height });
  }

  async #open(): Promise<OnnxFile> {
    const { model: path, outputs } = this.#files;
    const model = await OnnxFile.open(path);
    const missing = [
      ...(model.inputs.includes('pixel_values') ? [] : ['pixel_values']),
      ...Object.values(outputs).filter((name) => !model.outputs.includes(name)),
    ];
    if (missing.length > 0)
      throw new HostError(
        `${path} has no ${missing.join(', ')}: it was exported for something else than panoptic segmentation`,
      );
    return model;
  }
}
