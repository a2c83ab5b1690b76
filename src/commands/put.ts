import { asEdit, type Command, type Subject } from './command.js';
import { itemIndex } from './items.js';
import { sourceNamed } from './references.js';

const VERBS = ['put', 'place', 'add', 'insert', 'paste', 'lay'];
const VERB = new RegExp(`^(?:${VERBS.join('|')}) (.+)$`, 'i');
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
    const from = sourceNamed(placed?.what ?? rest, subject) ?? sourceNamed(rest, subject);
    if (!from) return undefined;
    return asEdit({ kind: 'put', from, ...(placed ? placeOf(placed, subject) : {}) });
  },
};

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
