/** Words for how much, said without a number: what they are called, and what a command makes of them. */
import { LITTLE, LOT } from '../engine/edits/index.js';

const HALF = 'half ?way|half';
/** "a bit", "a lot", "halfway": a part of a command's own patterns, in one piece and without groups. */
export const VAGUE = `(?:${LITTLE}|${LOT}|${HALF})`;
const EXACTLY = (words: string): RegExp => new RegExp(`^(?:${words})$`, 'i');
const [IS_LITTLE, IS_LOT, IS_HALF] = [EXACTLY(LITTLE), EXACTLY(LOT), EXACTLY(HALF)];

/** What a little and a lot are, in what a command counts in. */
export interface Vaguely<T = number> {
  readonly little: T;
  readonly lot: T;
  /** Where there is a whole. */
  readonly half?: T;
}

/** What vague words are; undefined for others, and for half of what has no half. */
export function vaguely<T>(words: string, { little, lot, half }: Vaguely<T>): T | undefined {
  if (IS_LITTLE.test(words)) return little;
  if (IS_LOT.test(words)) return lot;
  return IS_HALF.test(words) ? half : undefined;
}

const SHARES: Record<string, number> = { half: 50, third: 33, quarter: 25, fifth: 20, tenth: 10 };
const TIMES: Record<string, number> = { a: 1, an: 1, one: 1, two: 2, three: 3 };
const FRACTION = new RegExp(
  `\\b(by|to|with|at)? ?\\b(?:(a|an|one|two|three)[ -])?(${Object.keys(SHARES).join('|')})s?(?: (?:of )?(?:its|the|their)(?: (?:original|current|own))? (?:size|width|height|picture))?(?= |$)`,
  'i',
);

/** What vague words are of a whole that goes from nothing to everything, in per cent. */
const OF_A_WHOLE: Vaguely = { little: 20, half: 50, lot: 80 };
const MOST: Record<string, number> = { mostly: 80, 'almost all': 90 };
const AT_END = new RegExp(`(?:^|(?<= ))(?:by )?(${VAGUE}|${Object.keys(MOST).join('|')})$`, 'i');

/** "a little" at the end as "20%", where a share of the whole is meant, and fractions as well. */
export const shareInPercent = (text: string): string =>
  inPercent(text).replace(
    AT_END,
    (_, words: string) => `${vaguely(words, OF_A_WHOLE) ?? MOST[words.toLowerCase()]}%`,
  );

const VALUES = new Map<string, number>([
  ...['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].map(
    (word, i) => [word, i + 1] as const,
  ),
  ...[
    'eleven',
    'twelve',
    'thirteen',
    'fourteen',
    'fifteen',
    'sixteen',
    'seventeen',
    'eighteen',
    'nineteen',
  ].map((word, i) => [word, i + 11] as const),
  ...['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'].map(
    (word, i) => [word, 10 * i + 20] as const,
  ),
]);
const VALUE = `(?:${[...VALUES.keys()].join('|')})`;
const BELOW_100 = `${VALUE}(?:[ -]${VALUE})?`;
/** "fifty pixels", "two hundred and fifty px", "ten per cent": amounts that are written out, where they are of something. */
const WRITTEN_OUT = new RegExp(
  `\\b(?:(an?|${VALUE}) hundred(?:(?: and)? (${BELOW_100}))?|(${BELOW_100})) ?(?=px\\b|pixels?\\b|%|per ?cent\\b|degrees?\\b)`,
  'gi',
);

/** Whether words have an amount in them. */
export const AMOUNTS = /\d|\b(?:pixels?|px|per ?cent|degrees|hundred)\b/i;

/** "about 50 px", "roughly twice": nobody can be more exact than the number. */
const ABOUT =
  / (?:about|around|roughly|approximately|approx\.?|like|some|circa|maybe|~) ?(?=(?:\d+(?:\.\d+)? ?(?:px|pixels?|%|per ?cent|degrees?|°|x|times)|(?:twice|half|double|two|three) )(?= |$|[^a-z]|as |the |its |times))/gi;

/** "fifty pixels" as "50 pixels". */
export const inDigits = (text: string): string =>
  text.replace(ABOUT, ' ').replace(WRITTEN_OUT, (_, hundreds?: string, more?: string, all?: string) => {
    const hundred = hundreds === undefined ? 0 : 100 * (valueOf(hundreds) || 1);
    return `${hundred + valueOf(more ?? all ?? '')} `;
  });

const valueOf = (words: string): number =>
  words
    .toLowerCase()
    .split(/[ -]/)
    .reduce((sum, word) => sum + (VALUES.get(word) ?? 0), 0);

/** "two times bigger" as "2 times bigger", "half way" as "halfway". */
const TIMES_OR_HALF = /\b(?:(two|three|four|five|ten) times|half way)\b/gi;

/** "by a quarter" as "by 25%", "to half its size" as "to 50%": fractions where an amount is meant. */
export function inPercent(text: string): string {
  const counted = inDigits(text).replace(TIMES_OR_HALF, (_, count?: string) =>
    count === undefined ? 'halfway' : `${valueOf(count)} times`,
  );
  return counted.replace(
    FRACTION,
    (written, by: string | undefined, count: string | undefined, part: string) => {
      // "half" alone is a verb, "a third item" is none, "item three half as big" is about the third
      if (!by && !count) return written;
      if (/^half$/i.test(part) && /^(?:two|three)$/i.test(count ?? '')) return written;
      const percent = Math.min(100, SHARES[part.toLowerCase()]! * TIMES[count?.toLowerCase() ?? 'a']!);
      return `${by ? `${by} ` : ' '}${percent}%`;
    },
  );
}

/** What is compared with "as": how much more or less of it is how it looks. */
const AS: Record<string, readonly [more: string, less: string]> = {
  ...{ bright: ['brighter', 'darker'], light: ['lighter', 'darker'], dark: ['darker', 'lighter'] },
  ...{ warm: ['warmer', 'cooler'], cool: ['cooler', 'warmer'], cold: ['cooler', 'warmer'] },
  ...{ colourful: ['more colourful', 'less colourful'], colorful: ['more colourful', 'less colourful'] },
};
const COMPARED = new RegExp(`\\b(?:(twice|double)|half) as (${Object.keys(AS).join('|')})$`, 'i');

/** "twice as bright" as "100% brighter", "a quarter darker" as "25% darker": amounts of how something looks. */
export const lookAmounts = (text: string): string =>
  inPercent(text)
    .replace(COMPARED, (_, twice: string | undefined, word: string) => {
      const [more, less] = AS[word.toLowerCase()]!;
      return twice ? `100% ${more}` : `50% ${less}`;
    })
    .replace(/ {2,}/g, ' ')
    .trim();
