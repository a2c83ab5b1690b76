import type { Command } from './command.js';
import { itemIndices } from './several.js';

const PATTERNS = [
  /^(?:let|allow) (.+?) (?:to )?(?:also )?(?:change|adapt)(?: too| also| as well| with (?:it|that))?$/i,
  /^(.+?) (?:may|can|should) (?:also )?(?:change|adapt)(?: too| also| as well| with (?:it|that))?$/i,
];

export const letChange: Command = {
  name: 'let',
  help: 'do the last edit again, and let other items change with it',
  examples: ['let 2 and 4 change too', 'the hat may change too'],
  verbs: ['let change'],
  parse(text, subject) {
    const named = PATTERNS.map((pattern) => pattern.exec(text)?.[1]).find(Boolean);
    return named === undefined ? undefined : { kind: 'letChange', items: itemIndices(named, subject) };
  },
};
