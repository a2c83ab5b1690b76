import type { Command } from './command.js';

const WORDS =
  /^(?:(?:yes|yep|ok|okay|good|right),? )?(?:go|go ahead|go on|start|begin|learn|(?:that |it |this )?looks (?:good|right|fine)|learn (?:it|them|the items))$/i;

export const go: Command = {
  name: 'go',
  help: 'the items are right: learn them now (any edit begins it by itself)',
  examples: ['go', 'yes, go', 'looks good'],
  parse: (text) => (WORDS.test(text) ? { kind: 'go' } : undefined),
};
