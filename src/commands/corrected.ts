/** Who puts themselves right in the same breath, "remove the dog - no, the bag", wants the second thing alone. */
import { UserError } from '../engine/errors.js';
import type { Subject } from './command.js';
import { GLANCE } from './elide.js';
import { leadingItem, namesItem } from './items.js';
import { isLook } from './looks.js';
import { normalise } from './normalise.js';

/** "no hat" may be wished for, "no, the hat" and "sorry, hat" may not. */
const TAKES_BACK =
  'no(?:pe)?(?=[\\s]*[,.!:;–—-]|\\s+(?:not|wait|sorry|i mean|the|my|that|#?\\d)\\b)|sorry|oops|wait|actually|i meant?|(?:or )?rather|scratch that|make that';
const CORRECTION = new RegExp(
  `\\s*(?:[,.;:!…–—(-]+|\\s)\\s*(?:(?:${TAKES_BACK})[\\s,.!:;–—-]+)+(?:not (?:that|this|it)[\\s,]+)?`,
  'gi',
);
/** What is done to an item, and no more than that. */
const WISH = /^(get rid of|take (?:out|away|off)|throw (?:out|away)|cut out|keep only|crop to|\S+) (.+)$/i;
/** What is drawn may have any words in it, these too. */
const PROMPT = / (?:with|w\/|into|as|for|by|saying|->|an?) |^ to (?!the (?:left|right|front|back)\b)/i;
const STAYS = /^(?:don't|dont|do not|never|keep|leave|not|stop|undo|nothing|none|never ?mind|forget it)\b/i;

/**
 * The message with the thing that is meant in the place of the one that was said first.
 * @throws UserError when what is said first is taken back, and nothing said instead
 */
export function corrected(message: string, subject: Subject): string {
  if (message.length > GLANCE) return message;
  const found = [...message.matchAll(CORRECTION)].at(-1);
  if (!found) return message;
  const said = WISH.exec(normalise(message.slice(0, found.index)));
  const meant = normalise(message.slice(found.index + found[0].length));
  const [, verb = '', item = ''] = said ?? [];
  const first = leadingItem(item, subject);
  // "remove the dog? or rather the bag?" is a question
  if (first === undefined || message[found.index - 1] === '?') return message;
  if (STAYS.test(meant))
    throw new UserError(
      `nothing is done: I read "${verb} ${item}", and then that it is not to be. Say only what you want, for example "undo" or "make ${item} darker"`,
    );
  const how = item.slice(first.length);
  // "make the bag red, no, blue", "… actually make it blue"
  const look = meant.replace(/^(?:make|paint|colou?r|turn|dye) (?:it|that|this) /i, '');
  if (isLook(how.trim()) && isLook(look)) return `${verb} ${first} ${look}`;
  const isOther = !PROMPT.test(how) && namesItem(meant, { ...subject, last: undefined });
  return isOther ? `${verb} ${meant}${how}` : message;
}
