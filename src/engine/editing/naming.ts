/** What the things of a picture are: a scorer guesses, and the denoiser is asked whether it sees better when it is told. */
import type { Known, Vocabulary } from '../checkpoint/scorer.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { areasOf } from '../masks/labelMap.js';
import { maskOf } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { toLab } from '../segmentation/lab.js';
import { mainColour } from '../segmentation/names.js';
import type { Scorer } from '../segmentation/naming/scorer.js';
import { seer } from '../segmentation/naming/views.js';
import { Witness } from './evidence.js';

/*
 * Chosen together on 60 scenes of seed 900002 and scikit-image's photographs (bench/finding), for the most names of which
 * 93 % are right. Evidence is the share of the error that goes: 1 all of it. The fifth edition's latents hold detail that no words
 * tell: over 29 right names evidence is 0.63 of what it was, and so are these.
 */
/** So many guesses of the scorer are put to the denoiser. */
const GUESSES = 4;
/** The likeliest needs so much: evidence, what the scorer thinks of it, and of the item being no thing that it knows. */
const ENOUGH = 0.03;
const LEAST_EVIDENCE = 0.06;
/** The others need so much evidence alone: right ones have it, of the rest next to none. */
const ALONE = 0.25;
/** Of all names told at once each keeps so much evidence: what helped only beside a wrong name is none. */
const TOGETHER = 0.14;
const LIKELIHOOD = 0.15;
const UNKNOWN = 0.3;
/** How much the scorer's view in colours counts, the rest is its view in grey: things may be of any colour. */
const IN_COLOURS = 0.7;
/** "a red donut" tells more than "a donut" does, also of what is no donut. */
const COLOUR_TELLS = 0.06;

interface Guess {
  readonly thing: Known;
  /** How much evidence makes it the name; above 1 there is none. */
  readonly needed: number;
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
  const guess = guesser(scorer, vocabulary, picture);
  const guesses: Guess[][] = [[]];
  for (const mask of masks.slice(1)) guesses.push(await guess(mask));
  const lab = toLab(picture);
  const colours = masks.map((mask) => mainColour(mask, lab));
  const found: ({ readonly name: string; readonly words: string } | undefined)[] = masks.map(() => undefined);
  const witness = new Witness(pipeline, picture);
  for (const isTinted of [false, true]) {
    for (let k = 0; k < GUESSES; k++) {
      const isOpen = masks.map((_, item) => !found[item] && (guesses[item]![k]?.needed ?? Infinity) <= 1);
      if (!isOpen.includes(true)) continue;
      const words = masks.map((_, item) => {
        const thing = guesses[item]![k]?.thing;
        if (!isOpen[item] || !thing) return '';
        return isTinted ? `a ${colours[item]} ${thing.names[0]}` : thing.prompt;
      });
      const evidence = await witness.evidence(labels, words);
      for (const [item, told] of evidence.entries()) {
        const seen = told - (isTinted ? COLOUR_TELLS : 0);
        const guess = guesses[item]![k];
        if (isOpen[item] && guess && seen >= guess.needed)
          found[item] = { name: guess.thing.names[0]!, words: words[item]! };
      }
    }
  }
  const together = await witness.evidence(
    labels,
    found.map((thing) => thing?.words ?? ''),
  );
  return found.map((thing, item) => (together[item]! >= TOGETHER ? thing?.name : undefined));
}

/** Tells what an item may be, the likeliest first: seen in colours and in grey. */
function guesser(scorer: Scorer, { things, unknown }: Vocabulary, picture: Raster) {
  const prompts = [...things.map(({ prompt }) => prompt), unknown];
  const seen = seer(scorer, picture, prompts);
  return async (mask: Mask): Promise<Guess[]> => {
    const { own, shape } = await seen(mask);
    // which is put first; how much is thought of it
    const order = (k: number): number => own[k]! + shape[k]!;
    const belief = (k: number): number =>
      LIKELIHOOD * (IN_COLOURS * own[k]! + (1 - IN_COLOURS) * shape[k]!) - UNKNOWN * Math.exp(own.at(-1)!);
    return [...things.keys()]
      .sort((a, b) => order(b) - order(a))
      .slice(0, GUESSES)
      .map((k, rank) => ({
        thing: things[k]!,
        needed: rank === 0 ? Math.max(LEAST_EVIDENCE, ENOUGH - belief(k)) : ALONE,
      }));
  };
}
