import { UserError } from '../engine/errors.js';
import { asEdit, type Action, type Command, type Subject } from './command.js';
import { GLANCE } from './elide.js';
import { itemIndex, namesItem } from './items.js';

const VERB = '(?:bring|send|put|move|place|push|pull)';
const FRONT = new RegExp(
  `^${VERB} (.+?) (?:(?:to|in) (?:the )?(?:front|foreground)|(?<=^(?:bring|send) .+)to (?:the )?top|forwards?|on top|up front)$`,
  'i',
);
const BACK = new RegExp(`^${VERB} (.+?) (?:(?:to|in) (?:the )?back|backwards?|back)$`, 'i');
/** "put the dog back", "bring it back": as it was, or behind the others. */
const AGAIN = /^(?:bring|put|place|pull) .+ (?<!to (?:the )?|in (?:the )?)back$/i;
const WHERE_IT_WAS = new RegExp(
  `^${VERB} (.+?) back (?:to )?(?:where|how|as) (?:it|she|he|they) (?:was|were)(?: before)?$`,
  'i',
);
const BEHIND = new RegExp(`^(?:${VERB}|hide) (.+?) (?:behind|under|beneath) (.+)$`, 'i');
const BEFORE = new RegExp(`^${VERB} (.+?) (?:in front of|on top of|over) (.+)$`, 'i');

export const order: Command = {
  name: 'bring',
  help: 'lay an item over those that overlap it, or send it back under them',
  examples: ['bring 3 to the front', 'send 3 back', 'put 3 behind 2'],
  verbs: ['bring', 'send'],
  parse: (text, subject) => toFront(text, subject) ?? toBack(text, subject),
};

function toFront(text: string, subject: Subject): Action | undefined {
  const item = FRONT.exec(text)?.[1];
  if (item !== undefined) return asEdit({ kind: 'order', item: itemIndex(item, subject), to: 'front' });
  const [, upper, lower] = BEFORE.exec(text) ?? [];
  // "in front of 2" is what "2 behind it" is
  return upper && lower && namesItem(upper, subject) && namesItem(lower, subject)
    ? asEdit({
        ...{ kind: 'order', to: 'back' },
        item: itemIndex(lower, subject),
        behind: itemIndex(upper, subject),
      })
    : undefined;
}

function toBack(text: string, subject: Subject): Action | undefined {
  const item = BACK.exec(text)?.[1];
  // what is not there comes back by "undo", and so may what is
  const again = AGAIN.test(text) ? item : text.length <= GLANCE ? WHERE_IT_WAS.exec(text)?.[1] : undefined;
  if (again !== undefined) {
    if (!namesItem(again, subject)) return undefined;
    const number = itemIndex(again, subject) + 1;
    throw new UserError(
      `"undo" takes back what was done last, "send ${number} to the back" lays it under the others: say which`,
    );
  }
  if (item !== undefined) return asEdit({ kind: 'order', item: itemIndex(item, subject), to: 'back' });
  const [, lower, upper] = BEHIND.exec(text) ?? [];
  return lower && upper && namesItem(lower, subject)
    ? asEdit({
        ...{ kind: 'order', to: 'back' },
        item: itemIndex(lower, subject),
        behind: itemIndex(upper, subject),
        // "send" is about what lies over what, "put" is a place as well
        ...(/^(?:put|move|place|push|pull|hide)/i.test(text) ? { goes: true } : {}),
      })
    : undefined;
}
