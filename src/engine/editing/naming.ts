/** What the things of a picture are: a scorer guesses, and the denoiser is asked whether it sees better when it is told. */
import type { Known, Vocabulary } from '../checkpoint/scorer.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { areasOf } from '../masks/labelMap.js';
import { maskOf } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { toLab } from '../segmentation/lab.js';
import { mainColour } from '../segmentation/names.js';
import type { Scorer } from '../segmentation/naming/scorer.js';
import { Witness } from './evidence.js';

/*
 * Chosen together on 60 scenes of seed 900002 and scikit-image's photographs (bench/finding), for the most names of which
 * 93 % are right. Evidence is the share of the error that goes: 1 all of it.
 */
/** So many guesses of the scorer are put to the denoiser. */
const GUESSES = 2;
/** A name needs so much: evidence, what the scorer thinks of it, and of the item being no thing that it knows. */
const ENOUGH = 0.05;
const LEAST_EVIDENCE = 0.1;
const LIKELIHOOD = 0.15;
const UNKNOWN = 0.3;
/** How much the scorer's view in colours counts, the rest is its view in grey: things may be of any colour. */
const IN_COLOURS = 0.7;
/** "a red donut" tells more than "a donut" does, also of what is no donut. */
const COLOUR_TELLS = 0.1;
/** Of logarithms. */
const NEVER = 1e-4;

interface Guess {
  readonly thing: Known;
  /** What speaks for it before the denoiser is asked. */
  readonly belief: number;
}

/**
 * A name an item, undefined for the ground and for what is not known.
 * @param picture of the labels' size, and of the checkpoint's world
 */
export async function nameThings(
  pipeline: Pipeline,
  scorer: Scorer,
  vocabulary: Vocabulary,
  picture: Raster,
  labels: LabelMap,
): Promise<(string | undefined)[]> {
  const masks = areasOf(labels).map((_, item) => maskOf(labels, item));
  const grey = inGrey(picture);
  const guesses: Guess[][] = [[]];
  for (const mask of masks.slice(1))
    guesses.push(await guessesOf(scorer, vocabulary, { picture, grey, mask }));
  const lab = toLab(picture);
  const colours = masks.map((mask) => mainColour(mask, lab));
  const names: (string | undefined)[] = masks.map(() => undefined);
  const witness = new Witness(pipeline, picture);
  for (const isTinted of [false, true]) {
    for (let k = 0; k < GUESSES; k++) {
      const isOpen = masks.map((_, item) => !names[item] && isWorthAsking(guesses[item]![k]));
      if (!isOpen.includes(true)) continue;
      const words = masks.map((_, item) => {
        const thing = guesses[item]![k]?.thing;
        if (!isOpen[item] || !thing) return '';
        return isTinted ? `a ${colours[item]} ${thing.names[0]}` : thing.prompt;
      });
      const evidence = await witness.evidence(labels, words);
      for (const [item, told] of evidence.entries()) {
        const seen = told - (isTinted ? COLOUR_TELLS : 0);
        const { thing, belief } = guesses[item]![k] ?? { belief: -Infinity };
        if (isOpen[item] && seen >= LEAST_EVIDENCE && seen + belief >= ENOUGH) names[item] = thing!.names[0];
      }
    }
  }
  return names;
}

/** Whether there is evidence that would be enough: it is 1 at most. */
const isWorthAsking = (guess: Guess | undefined): boolean =>
  guess !== undefined && 1 + guess.belief >= ENOUGH;

/** The likeliest things, the likeliest first. */
async function guessesOf(
  scorer: Scorer,
  { things, unknown }: Vocabulary,
  { picture, grey, mask }: { readonly picture: Raster; readonly grey: Raster; readonly mask: Mask },
): Promise<Guess[]> {
  const prompts = [...things.map(({ prompt }) => prompt), unknown];
  const own = await scorer.likelihoods(picture, mask, prompts);
  const shape = await scorer.likelihoods(grey, mask, prompts);
  const log = (p: number): number => Math.log(p + NEVER);
  // which is put first, and how much is thought of it
  const order = (k: number): number => log(own[k]!) + log(shape[k]!);
  const belief = (k: number): number =>
    LIKELIHOOD * (IN_COLOURS * log(own[k]!) + (1 - IN_COLOURS) * log(shape[k]!)) - UNKNOWN * own.at(-1)!;
  return [...things.keys()]
    .sort((a, b) => order(b) - order(a))
    .slice(0, GUESSES)
    .map((k) => ({ thing: things[k]!, belief: belief(k) }));
}

/** Luma (BT.601), three times. */
function inGrey({ width, height, data }: Raster): Raster {
  const grey = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3)
    grey.fill(Math.round(0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!), i, i + 3);
  return { width, height, data: grey };
}
