/** Whether words begin a command of their own, and what several commands in one message share. */
import { UserError } from '../engine/errors.js';
import { CARDINALS, ORDINALS } from './counts.js';
import { GLANCE } from './elide.js';
import { NUMBER } from './items.js';
import { alone, onItems } from './list.js';
import { normalise } from './normalise.js';
import { verbMeant } from './spelling.js';

/** More in one message is a mistake or mischief. */
export const MOST = 10;

/** First words of commands that name an item. */
export const VERBS = onItems.flatMap(({ name, verbs = [name] }) => verbs).concat('get rid of');
const COUNTED = [...CARDINALS, ...ORDINALS, 'last'].join('|');
const REFERENCE = `(?:${NUMBER}|(?:item|number|the|my|it|them|that|this|him|her|his|its|both|all|these|those)\\b|(?:${COUNTED})$)`;
const AFTER_VERB = new RegExp(`^${REFERENCE}`, 'i');
const BARE_ITEM = new RegExp(
  `^${NUMBER}(?: (?:->|should |to be |\\p{Extended_Pictographic})|: (?:make|move|remove|delete|blur|replace) )`,
  'iu',
);

/** Commands of more words than a verb and an item: "crop to the dog", "put a hat on it". */
const OPENS = new RegExp(
  '^(?:(?:crop|trim) (?:(?:it|the picture|the image|the photo) )?(?:to|around|on) |(?:cut out|keep only|only keep|take out|throw away) ' +
    `|give ${REFERENCE}|(?:put|add|draw) (?:an?|some) .+ (?:on|to|onto|next to) )`,
  'i',
);
const STAYS = new RegExp(
  `^(?:keep ${REFERENCE}(?!.* (?:only|alone|nothing else)$).*|(?:leave|spare) ${REFERENCE}.*|` +
    "(?:don't|dont|do not|never) (?:touch|change|remove|delete|move|edit|alter) .+|without \\w+ing .+|(?:the|my|item|#?\\d).{0,40} (?:(?:can|may|should|must) (?:stay|remain)|stays|is (?:fine|ok|okay))(?: .{0,20})?)$",
  'i',
);

/** Whether the words ask for nothing: "keep the bag", "do not touch the hat". What nobody names stays as it is. */
export const reassures = (text: string): boolean => text.length <= GLANCE && STAYS.test(text);

/** Whether the words begin a command of their own. */
export function begins(part: string): boolean {
  const text = normalise(part);
  if (
    BARE_ITEM.test(text) ||
    /^(?:put|place|add|insert|paste) [B-I]\d/i.test(text) ||
    /^get rid of |^(?:use|pick|choose) (?:picture |number )?#?\d+$/i.test(text) ||
    OPENS.test(text) ||
    reassures(text) ||
    isAlone(text)
  )
    return true;
  const [, first = '', rest = ''] = /^(\S+) (.+)$/.exec(text) ?? [];
  return AFTER_VERB.test(rest) && verbMeant(first.toLowerCase(), VERBS) !== undefined;
}

export function isAlone(text: string): boolean {
  if (text.length > GLANCE) return false;
  try {
    return alone.some((command) => command.parse(text, NOTHING) !== undefined);
  } catch {
    return true; // that command, with a number out of range
  }
}
const NOTHING = { width: 1, height: 1, items: [] };

/** @throws UserError when there are more than anybody means */
export function few<T>(parts: readonly T[]): readonly T[] {
  if (parts.length <= MOST) return parts;
  throw new UserError(
    `that is more than ${MOST} things at once: say the first few, for example "remove 2, then replace 3 with a cat"`,
  );
}
