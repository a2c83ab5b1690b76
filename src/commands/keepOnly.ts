import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { isNumber, namesItem } from './items.js';
import { itemIndices, listedNames } from './several.js';

const PATTERN =
  /^(?:keep (?:only|just) (.+)|keep (?!nothing)(.+) (?:only|alone)|(?:only|just) keep (.+)|keep nothing but (.+)|(?:remove|delete|erase|get rid of|take out) (?:everything|all|all the others|the rest) (?:but|except(?: for)?|besides|other than|apart from) (.+)|i (?:only|just) want (.+)|(.+?)(?:,| and) nothing else)$/i;
/** Without "keep" it must be clear that items are meant. */
const PLAIN = /^(?:(?:only|just) (.+)|(.+) (?:only|alone))$/i;
const KEEP = /^keep (.+)$/i;

export const keepOnly: Command = {
  name: 'keep only',
  help: 'take everything else out; the ground stays and is completed',
  examples: ['keep only 3 and 4', 'keep only the dog', 'remove everything but 3'],
  verbs: ['keep only'],
  parse(text, said) {
    // nothing is taken away by "it"
    const subject = { ...said, last: undefined };
    const items = PATTERN.exec(text)?.slice(1).find(Boolean);
    if (items !== undefined) return asEdit({ kind: 'keepOnly', items: itemIndices(items, subject) });
    const alone = PLAIN.exec(text)?.slice(1).find(Boolean);
    if (alone !== undefined && (namesItem(alone, subject) || listedNames(alone, subject)?.after === ''))
      return asEdit({ kind: 'keepOnly', items: itemIndices(alone, subject) });
    const kept = KEEP.exec(text)?.[1];
    if (kept === undefined || isNumber(kept)) return undefined;
    if (!namesItem(kept, subject) && listedNames(kept, subject)?.after !== '') return undefined;
    const numbers = itemIndices(kept, subject).map((index) => index + 1);
    throw new UserError(
      `nothing is changed: to take everything else out say "keep only ${numbers.join(' and ')}"`,
    );
  },
};
