import { asEdit, type Command } from './command.js';
import { itemIndices } from './several.js';

const PATTERN =
  /^(?:keep (?:only|just) (.+)|keep (?!nothing)(.+) (?:only|alone)|(?:only|just) keep (.+)|keep nothing but (.+)|(?:remove|delete|erase|get rid of|take out) (?:everything|all|all the others|the rest) (?:but|except(?: for)?|besides|other than|apart from) (.+))$/i;

export const keepOnly: Command = {
  name: 'keep only',
  help: 'take everything else out; the ground stays and is completed',
  examples: ['keep only 3 and 4', 'keep only the dog', 'remove everything but 3'],
  verbs: ['keep only'],
  parse(text, subject) {
    const [, ...named] = PATTERN.exec(text) ?? [];
    const items = named.find(Boolean);
    return items === undefined ? undefined : asEdit({ kind: 'keepOnly', items: itemIndices(items, subject) });
  },
};
