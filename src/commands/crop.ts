import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { GLANCE } from './elide.js';
import { isNumber, itemIndex, leadingItem, namesItem } from './items.js';
import { itemIndices, PICTURE } from './several.js';

const TO =
  /^(?:crop|trim|zoom in|cut) (?:(?:the )?(?:picture|image|photo|it) )?(?:closer |tighter |in )?(?:to|around|on) (.+)$/i;
const PLAIN =
  /^(?:crop|trim) (?!out\b)(.+?)( out(?: of (?:the |this |my )?(?:picture|image|photo|frame))?| away| off)?$/i;
const OUT = /^(?:crop|trim) (?:out|off|away) (.+)$/i;
/** Sides, shapes and amounts: no item is cut down to. */
const NO_ITEM =
  /^(?:(?:the|a|an|it|its) )*(?:(?:bottom|top|left|right|upper|lower|edges?|sides?|borders?|square|portrait|landscape|tighter|closer|bit|little|tad|some|\d+ ?(?:%|px|[:x/] ?\d)).*)$/i;

const SIDE = /^(?:the )?(?:bottom|top|left|right)(?: (?:half|side|part|third|edge|corner|bit))?$/i;

export const crop: Command = {
  name: 'crop',
  help: 'cut the picture down to some items',
  examples: ['crop to 3', 'crop to 3 and 4', 'crop around the dog'],
  verbs: ['crop', 'trim'],
  parse(text, said) {
    // nothing is taken away by "it"
    const subject = { ...said, last: undefined };
    const named = TO.exec(text)?.[1];
    const what = named ?? PLAIN.exec(text)?.[1] ?? (text.length <= GLANCE ? OUT.exec(text)?.[1] : undefined);
    if (what === undefined) return undefined;
    if (
      SIDE.test(what) ||
      (PICTURE.test(what) && !namesItem(what, subject)) ||
      (NO_ITEM.test(what) && leadingItem(what, subject) === undefined)
    )
      throw new UserError('crop to what? say for example "crop to 2" or "crop to 2 and 3"');
    if (named !== undefined) return asEdit({ kind: 'crop', items: itemIndices(named, subject) });
    // whose fur is trimmed is to stay whole, and so is a tree
    if (/^trim/i.test(text) && !isNumber(what)) {
      if (!namesItem(what, subject)) return undefined;
      const number = itemIndex(what, subject) + 1;
      throw new UserError(
        `"crop to ${number}" cuts the picture down to that item, "shrink ${number} 8" its outline: say which`,
      );
    }
    const items = itemIndices(what, subject);
    if (OUT.test(text) || PLAIN.exec(text)?.[2]) {
      const number = items[0]! + 1;
      throw new UserError(
        `"crop to ${number}" cuts the picture down to that item, "remove ${number}" takes it out: say which`,
      );
    }
    return asEdit({ kind: 'crop', items });
  },
};
