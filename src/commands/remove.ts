import { UserError } from '../engine/errors.js';
import { type Action, asEdit, type Command, type Subject } from './command.js';
import { itemIndex, namesItem } from './items.js';
import { GROUND } from './several.js';

const VERBS = [
  ...['remove', 'delete', 'erase', 'rm', 'del', 'drop', 'clear', 'wipe', 'hide', 'kill', 'eliminate'],
  ...['discard', 'lose'],
];
const BEFORE = [
  ...VERBS,
  // "no the left one" takes back what was understood: see instead.ts
  // "without touching the dog" takes nothing away
  'get rid of|take out|take off|take away|throw (?:out|away)|without(?! \\w+ing\\b)|no more|no(?! (?:the|that|this|my|not|it|i)\\b)',
].join('|');
/** "hide 3 behind 2", "drop the bag next to the dog": what says where is no removal: see order.ts and move.ts. */
const GOES =
  /^(?:hide .+ (?:behind|under|beneath)|drop .+ (?:on|onto|in|into|at|to|next to|beside|near|above|below|behind|under|left of|right of)) /i;
const VERB_ITEM = new RegExp(`^(?:${BEFORE}) (.+?)(?: (?:completely|entirely|from .+|out of .+))?$`, 'i');
/** "the dog, not the bag": what stays says which one is meant. */
const BUT_NOT = /,? (?:but |and )?not (?=the |my |that |this |item |number |#?\d).+$/i;
/** "take the hat away", "make 3 disappear", "replace 3 with nothing". */
const AROUND = [
  /^(?:take|throw|get|photoshop) (.+?) (?:away|out|off)(?: (?:of |from )?.+)?$/i,
  /^(?:make|let|have) (.+?) (?:disappear|vanish|go away|go|gone|invisible)$/i,
  /^(?:replace|change|turn|swap) (.+?) (?:with|by|for|into|to) (?:nothing|the background|background|air)$/i,
];
/** "3 should go", "3 away", "3 ❌": only after something that is an item. */
const AFTER =
  /^(.+?) (?:(?:should|must|has to|needs to|can|to) (?:be )?(?:removed|deleted|erased|gone|go|go away|disappear)|be (?:removed|deleted|erased|gone)|go away|away|out|remove|delete|disappear|gone|[❌✖🗑🚫])$/iu;

const UNWANTED = /^(?:i )?(?:don't|dont|do not) (?:want|need) (.+)$/i;
/** The shadow goes with what throws it. */
const ITS_SHADOW = /(?: and|,) (?:also )?(?:its|his|her|their|the) shadows?$/i;
/** What is made clear or wiped clean may be meant to stay. */
const CLEARED =
  /^(?:clear (?:up )?(?<sky>(?:the |my )?(?:sky|skies|air|water|sea|lake|glass|windows?|mirror))|(?:wipe|clear) (?<clean>.+) clean)$/i;
/** A table that is cleared stays: what lies on it goes. */
const EMPTIED = /^clear (?:off |out |up )?((?:the|my|this|that|her|his|their|our) .+?)(?: off| out| up)?$/i;
/** What is no part of the picture, and how people get what they want of it. */
const NOT_HERE: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:me|my ?self|us)$/i,
    'to delete your pictures here say "forget me", to take somebody out of the picture for example "remove 2"',
  ],
  [
    /^(?:(?:the|this|that|my|our|last|first|previous) )*(?:chat|history|conversation|thread|session|messages?|data|picture|image|photo|upload)$/i,
    'to delete everything about this thread say "forget", to go one step back "undo"',
  ],
  [
    /^(?:the |all )?colou?rs?(?: (?:of|in|on) .+)?$/i,
    'for a picture without its colours say "make everything black and white", for one item "make 2 black and white"',
  ],
  [
    /^(?:(?:the|that|this|my|your|all|last|previous) )*(?:changes?|edits?|effects?|filters?)$|^(?:what|.+ (?:that )?)(?: ?)you (?:added|made|put|drew|did)\b/i,
    'to take back what was done say "undo", to go back to the picture as it came "start over"',
  ],
  [
    /^(?:(?:the|all|those|these) )*(?:numbers|numbering|labels|outlines|overlay)(?: .*)?$|^(?:the |my )?(?:word|label|name|title|caption) (?!of\b).+/i,
    'numbers, names and outlines are not in the picture, they only show what is what: "export" sends it without them',
  ],
  [
    /^(?:the )?(?:(?:picture|reference|image|photo) [B-I]|[B-I] ?\d{1,3})$/i,
    'reference pictures stay as they are; of this picture say for example "remove 2"',
  ],
];
/** What is left when something was named: nobody knows what that is here. */
const REST =
  /^(?:(?:all|all of|the|those|these) )*(?:rest|others?|other (?:items?|things?|stuff|ones|objects|people|persons)|else)(?: of .*)?$|^(?:everything|everyone|anything|all) else$/i;

const EVERYTHING = /^(?:everything|all|all (?:of )?(?:it|them|items|the items)|everyone|anything)(?: .*)?$/i;

export const remove: Command = {
  name: 'remove',
  help: 'take an item out; its neighbours fill the place, and where it is the background, plain white',
  examples: ['remove 3', 'delete the cat', 'erase item 2', 'get rid of 2', 'remove the background'],
  verbs: [...VERBS, 'take'],
  parse(text, said) {
    if (GOES.test(text)) return undefined;
    // nothing is taken away that was not named
    const subject = { ...said, last: undefined };
    const item =
      VERB_ITEM.exec(text)?.[1]?.replace(BUT_NOT, '').replace(ITS_SHADOW, '') ??
      AROUND.map((pattern) => pattern.exec(text)?.[1]).find((named) => named !== undefined) ??
      /^❌ ?(.+)$/u.exec(text)?.[1];
    if (item !== undefined && REST.test(item) && !namesItem(item, subject))
      throw new UserError(
        'what is to stay? say for example "keep only 3", or what is to go, for example "remove 2 and 3"',
      );
    if (item !== undefined && EVERYTHING.test(item) && !namesItem(item, subject))
      throw new UserError(
        `one item at a time: say for example "remove 2" or "remove 2 and 3", or "show" for their numbers${/^delete all$/i.test(text) ? '; everything about this thread goes by "forget"' : ''}`,
      );
    // "no, not that one" is no wish to remove something
    if (item !== undefined && /^no /i.test(text) && !GROUND.test(item) && !namesItem(item, subject))
      return undefined;
    if (item !== undefined) {
      withDoubts(item, text, subject);
      return removed(item, subject);
    }
    const named = (AFTER.exec(text) ?? UNWANTED.exec(text))?.[1];
    return named !== undefined && namesItem(named, subject) ? removed(named, subject) : undefined;
  },
};

/** @throws UserError where the words may mean something else than that the item goes */
function withDoubts(item: string, text: string, subject: Subject): void {
  const { sky, clean = sky } = CLEARED.exec(text)?.groups ?? {};
  if (clean !== undefined && namesItem(clean, subject)) {
    const number = itemIndex(clean, subject) + 1;
    throw new UserError(
      `"remove ${number}" takes it out, "make ${number} ${sky ? 'clear' : 'clean'}" keeps it: say which`,
    );
  }
  const advice = NOT_HERE.find(([pattern]) => pattern.test(item))?.[1];
  if (advice && !namesItem(item, subject)) throw new UserError(`"${item}" is no item: ${advice}`);
  const emptied = EMPTIED.exec(text)?.[1];
  if (emptied !== undefined && !GROUND.test(emptied)) {
    if (!namesItem(emptied, subject))
      throw new UserError(
        'clear it of what? say what is to go, for example "remove 2", or "show" for the numbers',
      );
    const number = itemIndex(emptied, subject) + 1;
    throw new UserError(
      `"remove ${number}" takes it out, "keep only ${number}" takes everything else out: say which`,
    );
  }
}

/** Neighbours fill the place of an item; behind everything there are none. */
function removed(named: string, subject: Subject): Action {
  if (GROUND.test(named) && (!namesItem(named, subject) || itemIndex(named, subject) === 0))
    return asEdit({ kind: 'clear' });
  return asEdit({ kind: 'remove', item: itemIndex(named, subject) });
}
