import { UserError } from '../engine/errors.js';
import { asEdit, type Command, type Subject } from './command.js';
import { itemIndex, meant } from './items.js';
import { sourceNamed, thereOnly } from './references.js';

const VERBS = ['put', 'place', 'add', 'insert', 'paste', 'lay'];
/** "copy the dog from B" as well, where there is such a picture. */
const VERB = new RegExp(
  `^(?:${VERBS.join('|')}|copy(?=.* (?:from|in|of) (?:B|C|D|E|F|G|H|I|(?:the )?(?:other|second|reference))\\b)|copy(?= [B-I] ?\\d)) (.+)$`,
  'i',
);
const PLACED =
  /^(?<what>.+?) (?:(?<beside>next to|beside|close to|near|(?:to|on) the (?:left|right) of|(?:left|right) of|above) (?<other>.+)|(?:at|to|in|into|on|onto) (?:the )?(?:(?<x>\d+) ?[,x] ?(?<y>\d+)|(?:(?<row>top|upper|bottom|lower)[ -]?)?(?<column>left|right|middle|cent(?:er|re))?(?: (?:corner|side|edge))?(?: of (?:the |my )?(?:picture|image|photo))?|(?:the |my )?(?:picture|image|photo)))$/i;
/** How far in things lie at a side. */
const [NEAR, FAR] = [0.2, 0.8];

export const put: Command = {
  name: 'paste',
  help: 'lay an item of a reference picture on this one',
  examples: ['put B2 at the left', 'put B2 next to 3', 'paste B2 to 120,80'],
  // "put" moves items, "add" dresses them: this is tried first, where a reference is named
  verbs: [],
  parse(text, subject) {
    const rest = VERB.exec(text)?.[1];
    if (rest === undefined) return undefined;
    const placed = PLACED.exec(rest)?.groups;
    // "put the hat from B at the left" and "put the hat from B"
    const from =
      sourceNamed(placed?.what ?? rest, subject) ??
      sourceNamed(rest, subject) ??
      thereOnly(placed?.what ?? rest, subject);
    if (!from) return onto(rest, subject);
    return asEdit({ kind: 'put', from, ...(placed ? placeOf(placed, subject) : {}) });
  },
};

/** @throws UserError where something is to be laid on an item: nobody sees where on it that is */
function onto(rest: string, subject: Subject): undefined {
  const [, what, item] = /^(.{2,60}?) (?:on|onto|over|to) (.{1,40})$/i.exec(rest) ?? [];
  const from = what && (sourceNamed(what, subject) ?? thereOnly(what, subject));
  if (!from || !item) return undefined;
  const name = `${from.picture}${from.item + 1}`;
  const number = (meant(item, subject) ?? 0) + 1;
  throw new UserError(
    `where on it? "put ${name} next to ${number}" lays it beside, "put ${name} to 120,80" at a place of the picture`,
  );
}

function placeOf(
  { beside, other, x, y, row, column }: Record<string, string | undefined>,
  subject: Subject,
): {
  x?: number;
  y?: number;
  beside?: { other: number; side?: 'left' | 'right' | 'above' };
} {
  if (beside && other) {
    const side = (['left', 'right', 'above'] as const).find((word) => beside.includes(word));
    return { beside: { other: itemIndex(other, subject), ...(side ? { side } : {}) } };
  }
  const { width, height } = subject;
  if (x && y) return { x: Math.min(Number(x), width - 1), y: Math.min(Number(y), height - 1) };
  const across = column && (/left/i.test(column) ? NEAR : /right/i.test(column) ? FAR : 0.5);
  const upright = row && (/top|upper/i.test(row) ? NEAR : FAR);
  const middle = column && /middle|cent/i.test(column) && !row;
  return {
    ...(across ? { x: Math.round(across * width) } : {}),
    ...(upright ? { y: Math.round(upright * height) } : middle ? { y: Math.round(height / 2) } : {}),
  };
}
