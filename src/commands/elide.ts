/** What stands for the middle of a long sentence: a noncharacter (Unicode 23.7), which `normalise` takes from what is written. */
const MIDDLE = '\u{FDD0}';
const HEAD = 180;
const TAIL = 70;
/** What begins a sentence, or an item in it, or is all of a short one, is found in so many characters. */
export const GLANCE = 100;

/** A sentence as the commands' patterns see it, and what was left out. */
export interface Elided {
  readonly text: string;
  /** Puts what was left out back into what came of the sentence. */
  restore<T>(value: T): T;
}

/**
 * What a command looks for stands at the beginning and at the end of a sentence; between them is a prompt, and no pattern
 * needs to look at all of it. So patterns have an upper bound for their time whatever is written.
 */
export function elided(text: string): Elided {
  if (text.length <= HEAD + TAIL) return { text, restore: (value) => value };
  const middle = text.slice(HEAD, -TAIL);
  const restore = <T>(value: T): T => within(value, middle) as T;
  return { text: text.slice(0, HEAD) + MIDDLE + text.slice(-TAIL), restore };
}

/** What a person reads of an elided sentence. */
export const dotted = (text: string): string => text.replaceAll(MIDDLE, '…');

function within(value: unknown, middle: string): unknown {
  if (typeof value === 'string') return value.replaceAll(MIDDLE, () => middle);
  if (Array.isArray(value)) return value.map((one) => within(one, middle));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, within(one, middle)]));
}
