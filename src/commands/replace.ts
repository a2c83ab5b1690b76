import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex, namesItem } from './items.js';

const WORDS = /^(?:replace|change|turn|swap out) (.+?) (?:with|by|into|to|for) (.+)$/i;
const ARROW = /^(.+?) ?-> ?(.+)$/;
const EMOJI = /^(?:items? ?)?#?(\d+) (\p{Extended_Pictographic}.*)$/u;

export const replace: Command = {
  name: 'replace',
  help: 'put something else in the place of an item',
  examples: ['replace 3 with a golden retriever', '3 -> a pizza', '3 🐶', 'turn the dog into a cat'],
  parse(text, subject) {
    const match = WORDS.exec(text) ?? ARROW.exec(text) ?? EMOJI.exec(text);
    if (!match) return undefined;
    const [, item, prompt] = match as unknown as [string, string, string];
    // "3 red -> ..." is not an item; words before an arrow that name nothing are refused with the list of items
    if (!WORDS.test(text) && !namesItem(item, subject) && !/^[\w# ]+$/.test(item)) return undefined;
    if (/^[A-Z] ?\d+$/.test(prompt.trim()))
      throw new UserError(
        'reference pictures cannot be used yet: say in words what to put there, for example "replace 3 with a pizza"',
      );
    return asEdit({ kind: 'replace', item: itemIndex(item, subject), prompt: prompt.trim() });
  },
};
