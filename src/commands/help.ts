import type { Command } from './command.js';

const WORDS =
  /^(?:help|commands|what can (?:you do|i say)|how does this work)\??(?: (?:with |for |about )?([a-z]+))?\??$/i;

export const help: Command = {
  name: 'help',
  help: 'list what can be said, or explain one command',
  examples: ['help', 'help blend'],
  parse(text) {
    const match = WORDS.exec(text) ?? /^(\?)$/.exec(text);
    if (!match) return undefined;
    const topic = match[1]?.toLowerCase();
    return topic && topic !== '?' ? { kind: 'help', topic } : { kind: 'help' };
  },
};
