/** What people say about how something should look. Pure: commands use it through engine/edits. */
import { colourNamed, type Lab } from './colourNames.js';

export type Look =
  | { readonly kind: 'colour'; readonly colour: Lab }
  /** Lightness of everything by so much: −1 … 1. */
  | { readonly kind: 'light'; readonly amount: number }
  /** Towards amber (positive) or blue (negative): −1 … 1. */
  | { readonly kind: 'warmth'; readonly amount: number }
  /** Colours stronger by so much; −1 is black and white. */
  | { readonly kind: 'saturation'; readonly amount: number }
  /** Light and dark farther apart by so much, or nearer to each other: −1 … 1. */
  | { readonly kind: 'contrast'; readonly amount: number }
  /** Out of focus; the radius as a share of the picture's longer side. */
  | { readonly kind: 'blur'; readonly amount: number }
  | { readonly kind: 'sharpen'; readonly amount: number };

/** Adjectives that change a colour: factors for L* and chroma, or a place between L* and white or black. */
const ADJECTIVES: Record<string, (colour: Lab) => Lab> = {
  dark: ({ L, a, b }) => ({ L: L * 0.6, a: a * 0.75, b: b * 0.75 }),
  deep: ({ L, a, b }) => ({ L: L * 0.7, a, b }),
  light: ({ L, a, b }) => ({ L: L + (100 - L) * 0.5, a: a * 0.6, b: b * 0.6 }),
  pale: ({ L, a, b }) => ({ L: L + (100 - L) * 0.65, a: a * 0.35, b: b * 0.35 }),
  pastel: ({ L, a, b }) => ({ L: L + (100 - L) * 0.65, a: a * 0.4, b: b * 0.4 }),
  dull: ({ L, a, b }) => ({ L, a: a * 0.5, b: b * 0.5 }),
  bright: ({ L, a, b }) => ({ L: L + (100 - L) * 0.15, a: a * 1.2, b: b * 1.2 }),
  vivid: ({ L, a, b }) => ({ L, a: a * 1.3, b: b * 1.3 }),
};
const ALIASES: Record<string, string> = {
  darkish: 'dark',
  lightish: 'light',
  soft: 'pale',
  faded: 'dull',
  muted: 'dull',
  brilliant: 'vivid',
  strong: 'vivid',
};

const PLAIN_LOOKS: readonly (readonly [RegExp, (amount: number) => Look])[] = [
  [/^(?:lighter|brighter)$/, (amount) => ({ kind: 'light', amount })],
  [/^(?:darker|dimmer)$/, (amount) => ({ kind: 'light', amount: -amount })],
  [/^(?:warmer)$/, (amount) => ({ kind: 'warmth', amount })],
  [/^(?:cooler|colder)$/, (amount) => ({ kind: 'warmth', amount: -amount })],
  [
    /^(?:more (?:saturated|colou?rful|vivid|intense)|richer|stronger)$/,
    (amount) => ({ kind: 'saturation', amount }),
  ],
  [
    /^(?:less (?:saturated|colou?rful|vivid|intense)|desaturated|duller|more muted|weaker)$/,
    (amount) => ({ kind: 'saturation', amount: -amount }),
  ],
  [/^(?:more|higher|stronger) contrast$|^(?:more )?contrasty$/, (amount) => ({ kind: 'contrast', amount })],
  [
    /^(?:less|lower|weaker) contrast$|^less contrasty$|^flatter$/,
    (amount) => ({ kind: 'contrast', amount: -amount }),
  ],
  [
    /^(?:black and white|black & white|b&w|black-and-white|monochrome|gr[ea]yscale|colou?rless)$/,
    () => ({ kind: 'saturation', amount: -1 }),
  ],
  [/^(?:blurred|blurry|blurrier|more blurred|out of focus|softer)$/, (amount) => ({ kind: 'blur', amount })],
  [/^(?:sharp|sharper|crisper|clearer|in focus)$/, (amount) => ({ kind: 'sharpen', amount })],
];

/** How people say that they want little or much of something, as parts of patterns. */
export const LITTLE =
  '(?:just |only )?(?:a (?:(?:little|tiny|wee) )?bit|a (?:little|tiny|wee|tad|touch|smidge)|slightly|somewhat)';
export const LOT =
  '(?:quite )?a (?:whole )?lot|a (?:great|good) deal|a long way|(?:very )?(?:much|strongly)|way|far';
const AMOUNTS: readonly (readonly [RegExp, number])[] = [
  [new RegExp(`^(?:${LITTLE}) | (?:${LITTLE})$`), 0.2],
  [new RegExp(`^(?:${LOT}|very) | (?:${LOT})$`), 0.8],
];
const USUAL = 0.45;

/** "a little bit less saturated by 30 per cent" is about as long as they get. */
const LONGEST = 60;

/**
 * The look that words name: "dark green", "golden", "a little warmer", "30% darker", "black and white".
 * Undefined for words that are no look ("wooden"): those need a checkpoint.
 */
export function lookOf(words: string): Look | undefined {
  if (words.length > LONGEST) return undefined;
  let rest = words.trim().toLowerCase().replace(/\s+/g, ' ');
  let amount = USUAL;
  const percent = /(?:^| by | )(\d{1,3}) ?%(?: |$)/.exec(rest);
  if (percent) {
    amount = Math.min(1, Number(percent[1]) / 100);
    rest = rest.replace(percent[0], ' ').trim();
  }
  for (const [pattern, value] of AMOUNTS) {
    if (!pattern.test(rest)) continue;
    amount = value;
    rest = rest.replace(pattern, '');
    break;
  }
  for (const [pattern, look] of PLAIN_LOOKS) if (pattern.test(rest)) return look(amount);
  const colour = colourOf(rest.replace(/^(?:the colou?r |in )/, '').replace(/ in colou?r$| colou?red$/, ''));
  return colour && { kind: 'colour', colour };
}

/** "dark blue" is CSS's dark blue; "dark golden" and "pale teal" are worked out. */
function colourOf(words: string): Lab | undefined {
  const [first = '', ...others] = words.replace(/-/g, ' ').split(' ');
  const change = ADJECTIVES[ALIASES[first] ?? first];
  const rest = others.join(' ');
  if (change && rest) {
    const base = colourOf(rest);
    return base && change(base);
  }
  return colourNamed(words) ?? (/ish$/.test(words) ? colourNamed(stemOf(words)) : undefined);
}

/** "greenish" is green, "reddish" red, "bluish" blue. */
function stemOf(word: string): string {
  const stem = word.replace(/ish$/, '');
  if (stem === 'redd') return 'red';
  return colourNamed(stem) ? stem : `${stem}e`;
}
