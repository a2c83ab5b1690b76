import type { SingleEdit } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { inPercent, VAGUE, vaguely } from './amounts.js';
import { asEdit, type Action, type Command, type Subject } from './command.js';
import { GLANCE } from './elide.js';
import { isNumber, itemIndex, namesItem, splitAfterItem } from './items.js';

const VERBS = [
  ...['move', 'shift', 'nudge', 'push', 'pull', 'slide', 'scoot', 'drag', 'bring', 'put', 'place', 'drop'],
];
const VERB = `(?:${VERBS.join('|')})`;
/** What directions are called, as parts of the way right and down. */
const SIGNS: Record<string, readonly [number, number]> = {
  ...{ left: [-1, 0], leftwards: [-1, 0], right: [1, 0], rightwards: [1, 0] },
  ...{ up: [0, -1], upwards: [0, -1], higher: [0, -1], down: [0, 1], downwards: [0, 1], lower: [0, 1] },
};
/** How far "move 3 left" goes in per cent of the side, unless the caller says otherwise, and how far vague words do. */
const PLAINLY = 10;
const WAY = { little: 5, lot: 25, half: 50 };

const AMOUNT = `\\d+(?:\\.\\d+)? ?(?:px|pixels?|%|percent|per cent)?|${VAGUE}`;
/** "40 px to the left", "left by 40", "a bit up"; `group` makes the groups named or silent. */
const step = (group: (name: string) => string): string =>
  `(?:over )?(?:(?:by )?(${group('before')}${AMOUNT}) )?(?:(?:further|more|over|to|towards?) )*(?:the )?` +
  `(${group('direction')}${Object.keys(SIGNS).join('|')})(?: side)?(?: (?:by )?(${group('after')}${AMOUNT}))?`;
const SILENT = step(() => '?:');
const STEPS = new RegExp(
  step((name) => `?<${name}>`),
  'gi',
);
const RELATIVE = new RegExp(
  `^(${VERB} )?(.+?)(?!(?<=\\b(?:items?|number|no\\.?|nr\\.?|object|thing)),? #?\\d),? (${SILENT}(?:(?:,? and |, ?| ?- ?| )${SILENT})?)$`,
  'i',
);

const ONLY_WAY = new RegExp(`^${SILENT}$`, 'i');

/** Whether the words are a way and no item: "a bit more to the left". */
export const isWay = (text: string): boolean => ONLY_WAY.test(text);

const BY = new RegExp(`^${VERB} (.+?) by \\(?(-?\\d{1,6}) ?[, ] ?(-?\\d{1,6})\\)?$`, 'i');
const NUMBER = '(\\d{1,6}) ?(%|px)?';
const TO = new RegExp(
  `^${VERB} (.+?) (?:to|at|onto) (?:position |point )?\\(?(?:x ?[=:]? ?)?${NUMBER} ?[,; x/] ?(?:y ?[=:]? ?)?${NUMBER}\\)?$`,
  'i',
);
/** Places with a name: the middle, and the corners a quarter of the way in. */
const PLACE = new RegExp(
  `^${VERB} (.+?) (?:(?:to|in|into|at) (?:the )?(?:very )?(?:center|centre|middle|(top|upper|bottom|lower)[ -](left|right)(?: corner)?)|(?:the )?(top|upper|bottom|lower)[ -](left|right)(?: corner)?)(?: of (?:the )?(?:picture|image|photo))?$`,
  'i',
);
/** At a side, or at the very edge: "on the left", "to the right-hand side", "at the top of the picture". */
const AT_SIDE = new RegExp(
  `^${VERB} (.+?) (?:(?:on|at|in|onto|into|against) (?:the )?(?:very |far )?(left|right|top|bottom)|(?:over )?(?:to|towards?) (?:the )?(?:very |far )?(?:(left|right)(?=[ -](?:hand|side|edge|border|end|half|part))|(top|bottom)))(?:[ -]hand)?(?: (?:(edge|border|end)|side|half|part))?(?: of (?:the |this |my )?(?:picture|image|photo))?$`,
  'i',
);
/** How far in the middle of what lies at a side is; at the edge it is as near as it can be. */
const ASIDE = 0.2;
/** "next to 4", "left of the hat", "above 2", "on the cushion". */
const BESIDE = new RegExp(
  `^${VERB} (.+?) (next to|beside|(?:close|closer|near|nearer) to|near|nearer|(?:(?:to|on|at) the )?(?:left|right)(?:[ -]hand)?(?: side)? of|above|below|on|onto|in|into) (?!\\d+ ?(?:px|%|pixels?)?[ ,]\\d|\\(|\\d+ ?(?:px|%|pix|per))(.+)$`,
  'i',
);
/** "to her left", "on the dog's right side". */
const OF_ITS = new RegExp(
  `^${VERB} (.+?) (?:to|on|at) (?:(her|his|its|their)|(.+?)'s) (left|right)(?: (?:hand )?side)?$`,
  'i',
);
/** "up by half its height": of an item, and not of the picture. */
const OWN_SIDE = /\b(?:its|her|his|their) (?:own )?(?:height|width|size|length)\b/i;
const ON = /^(?:on|onto|in|into)$/i;
const SIDES = [
  [/left/i, 'left'],
  [/right/i, 'right'],
  [/above/i, 'above'],
  [/below/i, 'below'],
  [ON, 'on'],
] as const;
const MOVES = new RegExp(`^${VERB} `, 'i');
/** "the tree should be on the left". */
const SHOULD_BE =
  /^(?!move )(.{1,40}?) (?:should|must|needs to|has to) (?:be|go|stand|sit|move) ((?:(?:further|more) )?(?:(?:on|at|in|to) the (?:far |very )?(?:left|right|top|bottom|middle|cent(?:er|re))|next to|beside|(?:to the )?(?:left|right) of|above|below|left|right|higher|lower|up|down)\b.*)$/i;
const CENTRE = /^cent(?:er|re) (.+)$/i;

export const move: Command = {
  name: 'move',
  help: 'move an item by pixels or per cent, or its centre to a point',
  examples: [
    ...['move 3 left 40', 'move 3 right 10%', 'move 3 next to 4', 'move 3 to 120,80', 'move the dog up'],
    'move 2 left 40 and 3 up 20',
  ],
  verbs: VERBS,
  parse: (said, subject) => movedAs(said, subject, PLAINLY),
};

/** @param plainly how far a direction alone goes, in per cent of the side */
export function movedAs(said: string, subject: Subject, plainly: number): Action | undefined {
  const isShort = said.length <= GLANCE;
  if (isShort && OWN_SIDE.test(said) && MOVES.test(said))
    throw new UserError('how far is that? say for example "move 3 left 40" or "move 3 left 10%"');
  const text = inPercent(isShort ? said.replace(SHOULD_BE, 'move $1 $2') : said);
  if (/^\w+ .+ to where .+ is$/i.test(text))
    throw new UserError('where exactly? say for example "move 3 next to 4", or "swap 3 and 4"');
  return movedTogether(text, subject, plainly) ?? one(text, subject, plainly);
}

const one = (text: string, subject: Subject, plainly: number): Action | undefined =>
  absolute(text, subject) ??
  atSide(text, subject) ??
  beside(text, subject) ??
  relative(text, subject, plainly);

/** "move 2 left 40 and 3 up 20": each of them begins with an item; what is named later lies over the others. */
function movedTogether(text: string, subject: Subject, plainly: number): Action | undefined {
  const verb = new RegExp(`^${VERB} `, 'i').exec(text)?.[0];
  if (!verb) return undefined;
  const parts: string[] = [];
  let start = verb.length;
  for (const { 0: joint, index } of text.matchAll(/,? and |, ?/gi)) {
    const next = index + joint.length;
    // "move 3 20 up and 5 left" is about 3: without a number or another item after its direction a digit is a distance
    const { item, words } = splitAfterItem(text.slice(next, next + GLANCE), subject);
    const goesOn = isNumber(item) ? /^[a-z].*(?:\d|next to)/i : /\d|next to/i;
    if (!namesItem(item, subject) || !goesOn.test(words)) continue;
    parts.push(text.slice(start, index));
    start = next;
  }
  if (parts.length === 0) return undefined;
  const actions = [...parts, text.slice(start)].map((part) => one(`${verb}${part}`, subject, plainly));
  const edits = actions.flatMap((action) => (action?.kind === 'edit' ? [action.edit as SingleEdit] : []));
  return edits.length === actions.length ? asEdit({ kind: 'together', edits }) : undefined;
}

function absolute(text: string, subject: Subject): Action | undefined {
  const { width, height } = subject;
  const to = (item: string, x: number, y: number): Action =>
    asEdit({ kind: 'moveTo', item: itemIndex(item, subject), x: Math.round(x), y: Math.round(y) });
  const point = TO.exec(text);
  if (point) {
    const [, item, x, xUnit, y, yUnit] = point;
    const at = [length(Number(x), xUnit, width), length(Number(y), yUnit, height)] as const;
    if (at[0] > width || at[1] > height)
      throw new UserError(
        `${at[0]},${at[1]} lies outside the picture, which is ${width} wide and ${height} high: say for example "move 3 to ${Math.floor(width / 2)},${Math.floor(height / 2)}"`,
      );
    return to(item!, ...at);
  }
  const place = PLACE.exec(text) ?? CENTRE.exec(text);
  if (!place) return undefined;
  const [, item, ...corner] = place;
  const [row, column] = corner[0] ? corner : corner.slice(2);
  if (!row || !column) return to(item!, width / 2, height / 2);
  return to(
    item!,
    (/left/i.test(column) ? 0.25 : 0.75) * width,
    (/top|upper/i.test(row) ? 0.25 : 0.75) * height,
  );
}

function atSide(text: string, subject: Subject): Action | undefined {
  const [, item, ...found] = AT_SIDE.exec(text) ?? [];
  if (item === undefined) return undefined;
  const side = found.slice(0, 3).find(Boolean)!.toLowerCase();
  const across = side === 'left' || side === 'right';
  const length = across ? subject.width : subject.height;
  const inset = found[3] ? 0 : ASIDE * length;
  const at = Math.round(side === 'left' || side === 'top' ? inset : length - 1 - inset);
  const index = itemIndex(item, subject);
  return asEdit({ kind: 'moveTo', item: index, ...(across ? { x: at } : { y: at }), inside: true });
}

function beside(text: string, subject: Subject): Action | undefined {
  const [, mine, whose, owner, hand] = (text.length <= GLANCE && OF_ITS.exec(text)) || [];
  const by = owner ?? (whose && /^h/i.test(whose) ? 'her' : whose && 'it');
  if (mine && by && hand && namesItem(mine, subject) && namesItem(by, subject)) {
    const [index, to] = [itemIndex(mine, subject), itemIndex(by, subject)];
    if (index !== to)
      return asEdit({
        ...{ kind: 'moveBeside', item: index, other: to },
        side: /left/i.test(hand) ? 'left' : 'right',
      });
  }
  const [, item, way = '', other] = BESIDE.exec(text) ?? [];
  if (other === undefined || !namesItem(item!, subject)) return undefined;
  // "in a suit" is no place, and "a hat" is another one: see make.ts
  if (ON.test(way) && (/^(?:an?|some) /i.test(item!) || !namesItem(other, subject))) return undefined;
  const side = SIDES.find(([pattern]) => pattern.test(way))?.[1];
  const [index, to] = [itemIndex(item!, subject), itemIndex(other, subject)];
  if (index === to) throw new UserError('that takes two different items: say for example "move 3 next to 4"');
  return asEdit({ kind: 'moveBeside', item: index, other: to, ...(side ? { side } : {}) });
}

function relative(text: string, subject: Subject, plainly: number): Action | undefined {
  const by = BY.exec(text);
  if (by) return moved(by[1]!, Number(by[2]), Number(by[3]), subject);
  const [, verb, item = '', way = ''] = RELATIVE.exec(text) ?? [];
  // "3 left 40" needs no verb, "there is nothing left" is no edit
  if (verb ? /^(?:up|down|left|right)\b/i.test(item) : !namesItem(item, subject)) return undefined;
  const steps = [...way.matchAll(STEPS)].map(({ groups }) => groups!);
  // "up and left 20" goes 20 both ways
  const given = steps.map(({ before, after }) => before ?? after).find((amount) => amount !== undefined);
  let [dx, dy] = [0, 0];
  for (const { before, direction, after } of steps) {
    const [sx, sy] = SIGNS[direction!.toLowerCase()]!;
    const distance = far(before ?? after ?? given, sx !== 0 ? subject.width : subject.height, plainly);
    [dx, dy] = [dx + sx * distance, dy + sy * distance];
  }
  return moved(item, dx, dy, subject);
}

function moved(item: string, dx: number, dy: number, subject: Subject): Action {
  const index = itemIndex(item, subject);
  if (dx === 0 && dy === 0)
    throw new UserError('move by how much? say for example "move 3 left 40" or "move 3 left 10%"');
  const { width, height } = subject;
  if (Math.abs(dx) > width || Math.abs(dy) > height)
    throw new UserError(
      `that is out of the picture, which is ${width} wide and ${height} high: say for example "move ${index + 1} left 10%"`,
    );
  return asEdit({ kind: 'move', item: index, dx, dy });
}

/** What "40 px", "10%" or "a bit" is on a side of the picture, in pixels. */
function far(amount: string | undefined, side: number, plainly: number): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?(.*)$/.exec(amount ?? '') ?? [];
  if (digits !== undefined) return length(Number(digits), unit, side);
  return length(vaguely(amount ?? '', WAY) ?? plainly, '%', side);
}

const length = (amount: number, unit: string | undefined, side: number): number =>
  Math.round(/^(?:%|per)/i.test(unit ?? '') ? (amount / 100) * side : amount);
