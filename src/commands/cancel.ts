import type { Command } from './command.js';

// "forget it" is here and not with `forget`: it must lose nothing
const WORDS =
  /^(?:(?:cancel|stop|abort|halt|quit|kill)(?: (?:it|that|this|all|everything|now|the (?:job|edit|last one)))?|never ?mind(?: (?:it|that|this))?|(?:cancel|stop) (?:that|the) (?:edit|last edit)|(?:stop|wait|cancel)[!,. ]+not (?:that|this|it|the .{1,30})|forget about (?:it|that)|nvm|(?:forget|scrap|drop|leave) (?:it|that)|(?:stop|don't|do not)(?: do(?:ing)? (?:it|that|this))?)$/i;

export const cancel: Command = {
  name: 'cancel',
  help: 'stop what runs and what waits',
  examples: ['cancel', 'stop', 'never mind'],
  parse: (text) => (WORDS.test(text) ? { kind: 'cancel' } : undefined),
};
