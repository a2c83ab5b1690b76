import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndices } from './several.js';

const TO = /^(?:crop|trim|zoom in|cut) (?:(?:the )?(?:picture|image|photo|it) )?(?:to|around|on) (.+)$/i;
const PLAIN = /^(?:crop|trim) (?!out\b)(.+?)( out| away| off)?$/i;

export const crop: Command = {
  name: 'crop',
  help: 'cut the picture down to some items',
  examples: ['crop to 3', 'crop to 3 and 4', 'crop around the dog'],
  verbs: ['crop', 'trim'],
  parse(text, subject) {
    const named = TO.exec(text)?.[1];
    if (named !== undefined) return asEdit({ kind: 'crop', items: itemIndices(named, subject) });
    const [, what, gone] = PLAIN.exec(text) ?? [];
    if (what === undefined) return undefined;
    const [first = 0] = itemIndices(what, subject);
    if (gone)
      throw new UserError(
        `"crop to ${first + 1}" cuts the picture down to that item, "remove ${first + 1}" takes it out: say which`,
      );
    return asEdit({ kind: 'crop', items: itemIndices(what, subject) });
  },
};
