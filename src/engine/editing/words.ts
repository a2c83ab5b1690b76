/** Words for things: what items of a picture are, and where what words name is, by the checkpoint's own knowledge. */
import type { Vocabulary } from '../checkpoint/scorer.js';
import { resizeRaster } from '../compositing/resize.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { toGrid } from '../masks/grid.js';
import { areaOf, emptyMask } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { calledBy } from '../segmentation/naming/calledBy.js';
import { Scorer } from '../segmentation/naming/scorer.js';
import { regionTree } from '../segmentation/regions/candidates.js';
import { segment } from '../segmentation/segment.js';
import type { Segmenter } from '../segmentation/segmenter.js';
import { upsampleLabels } from '../segmentation/upsample.js';
import { Witness } from './evidence.js';
import { isOfItsWorld } from './gauge.js';
import { nameThings } from './naming.js';

/**
 * What is looked for may be as unlikely as this, over its three best regions: people say what they see. Chosen with EVIDENCE
 * on 40 scenes of seed 900002 (bench/finding).
 */
export const FOUND = 0.12;
/** Of the error at least so much must go when the checkpoint is told (see naming.ts on pocket's fifth edition). */
const EVIDENCE = 0.1;
/** Regions nearly as likely as the likeliest: the largest of them is the whole thing. */
const NEARLY = 0.8;
/** Smaller shares of a picture are nothing, larger ones everything. */
const [LEAST, MOST] = [0.002, 0.9];

/** Cuts as without a checkpoint; says what things are, and finds what is named, as far as this checkpoint knows them. */
export class CheckpointSegmenter implements Segmenter {
  readonly #scorer: Scorer | undefined;
  readonly #vocabulary: Vocabulary | undefined;
  /** Of the last picture: several things are looked for in one. */
  #regions: Regions | undefined;

  constructor(private readonly pipeline: Pipeline) {
    const { scorer } = pipeline.checkpoint;
    this.#scorer = scorer && new Scorer(scorer, pipeline.sessions);
    this.#vocabulary = scorer?.vocabulary;
  }

  segment = (picture: Raster) =>
    segment(picture, {
      know: async (small, labels) =>
        this.#scorer && this.#vocabulary && (await isOfItsWorld(this.pipeline, picture))
          ? await nameThings(this.pipeline, this.#scorer, this.#vocabulary, small, labels)
          : [],
    });

  /** The region of the picture's tree of regions that the words name; undefined when none is. */
  find = async (picture: Raster, words: string): Promise<Mask | undefined> => {
    const prompt = this.#vocabulary ? calledBy(words, this.#vocabulary.things)?.prompt : words;
    if (prompt === undefined) return undefined;
    const { tree, small, witness } = await this.#regionsOf(picture);
    if (tree.length === 0) return undefined;
    const found = this.#scorer
      ? await this.#likeliest(small, tree, prompt)
      : await this.#bestSeen(witness, tree, prompt);
    if (!found) return undefined;
    const [, evidence] = await witness.evidence(found, ['', prompt]);
    return evidence! >= EVIDENCE ? upsampleLabels(found, picture) : undefined;
  };

  async #regionsOf(picture: Raster): Promise<Regions> {
    if (this.#regions?.of === picture) return this.#regions;
    if (this.#vocabulary && !(await isOfItsWorld(this.pipeline, picture)))
      return (this.#regions = { of: picture, tree: [], ...this.#seenAs(picture) });
    const tree = (await regionTree(picture)).filter((mask) => {
      const share = areaOf(mask) / mask.data.length;
      return share >= LEAST && share <= MOST;
    });
    const { width, height } = tree[0] ?? picture;
    const small = await resizeRaster(picture, width, height);
    return (this.#regions = { of: picture, tree, ...this.#seenAs(small) });
  }

  #seenAs(small: Raster): Pick<Regions, 'small' | 'witness'> {
    return { small, witness: new Witness(this.pipeline, small) };
  }

  async #likeliest(picture: Raster, tree: readonly Mask[], prompt: string): Promise<Mask | undefined> {
    const { things, unknown } = this.#vocabulary!;
    const prompts = [...things.map((thing) => thing.prompt), unknown];
    const wanted = prompts.indexOf(prompt);
    const regions = this.#regions!;
    if (!regions.likely) {
      const all: number[][] = [];
      for (const mask of tree) all.push(await this.#scorer!.likelihoods(picture, mask, prompts));
      regions.likely = all;
    }
    const likely = regions.likely.map((of) => of[wanted]!);
    const best = likely.toSorted((p, q) => q - p).slice(0, 3);
    if (best.reduce((sum, p) => sum + p, 0) / 3 < FOUND) return undefined;
    return largest(tree.filter((_, i) => likely[i]! >= NEARLY * best[0]!));
  }

  /** Without a scorer: where the words, told of all of the picture, make most of the error go. */
  async #bestSeen(witness: Witness, tree: readonly Mask[], prompt: string): Promise<Mask | undefined> {
    const { width, height } = tree[0]!;
    // as many words as later, so that one graph does
    const told = await witness.errors(emptyMask(width, height), [prompt, '']);
    const gain = told.untold.map((error, i) => error - told.told[i]!);
    const mean = gain.reduce((sum, g) => sum + g, 0) / gain.length;
    // above the picture's mean inside, below it outside: the sum is largest for the thing itself
    const score = (mask: Mask): number => {
      const { data } = toGrid(mask, told.width, told.height);
      return gain.reduce((sum, g, i) => sum + (data[i] ? g - mean : 0), 0) / Math.sqrt(areaOf(mask));
    };
    return tree.reduce((p, q) => (score(q) > score(p) ? q : p));
  }
}

/** Everything in a picture that may be a thing. */
interface Regions {
  readonly of: Raster;
  readonly tree: readonly Mask[];
  /** The picture at the size of the tree's masks. */
  readonly small: Raster;
  /** Asked about it. */
  readonly witness: Witness;
  /** How likely each region is each prompt of the vocabulary. */
  likely?: number[][];
}

const largest = (masks: readonly Mask[]): Mask | undefined =>
  masks.length > 0 ? masks.reduce((p, q) => (areaOf(q) > areaOf(p) ? q : p)) : undefined;
