import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { namesItem } from './items.js';
import { itemIndices, PICTURE } from './several.js';

const TO = /^(?:crop|trim|zoom in|cut) (?:(?:the )?(?:picture|image|photo|it) )?(?:to|around|on) (.+)$/i;
const PLAIN = /^(?:crop|trim) (?!out\b)(.+?)( out| away| off)?$/i;

export const crop: Command = {
  name: 'crop',
  help: 'cut the picture down to some items',
  examples: ['crop to 3', 'crop to 3 and 4', 'crop around the dog'],
  verbs: ['crop', 'trim'],
  parse(text, said) {
    // nothing is taken away by "it"
    const subject = { ...said, last: undefined };
    const named = TO.exec(text)?.[1];
    if (named !== undefined) return asEdit({ kind: 'crop', items: itemIndices(named, subject) });
    const [, what, gone] = PLAIN.exec(text) ?? [];
    if (what === undefined) return undefined;
    if (
      PICTURE.test(what) ||
      /^(?:the )?(?:bottom|top|left|right|edges?|sides?|borders?)(?: .*)?$/i.test(what)
    )
      throw new UserError('crop to what? say for example "crop to 2" or "crop to 2 and 3"');
    // whose fur is trimmed is to stay whole
    if (/^trim/i.test(text) && !namesItem(what, subject)) return undefined;
    const [first = 0] = itemIndices(what, subject);
    if (gone)
      throw new UserError(
        `"crop to ${first + 1}" cuts the picture down to that item, "remove ${first + 1}" takes it out: say which`,
      );
    return asEdit({ kind: 'crop', items: itemIndices(what, subject) });
  },
};
