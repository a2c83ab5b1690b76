import type { Command } from './command.js';

// "delete all" may mean all items, and is asked about: see remove.ts; "forget it" is how people say never mind: that is `cancel`, which loses nothing
const THREAD =
  /^(?:forget|(?:forget all|(?:forget|delete) everything)|(?:forget|delete) (?:everything|all) (?:here|in (?:this|the) thread|about (?:this|it|this thread))|(?:forget|delete) (?:about )?(?:this|the) (?:thread|conversation|chat|session)|(?:forget|delete|erase) my (?:picture|image|photo))$/i;
const MINE = [
  /^forget (?:about )?me$/i,
  /^(?:forget|delete|erase) (?:everything|all|anything|every picture|all pictures)(?: (?:of|about) (?:me|mine)|(?: that's| that is)? mine)$/i,
  /^(?:forget|delete|erase|wipe) (?:all )?(?:of )?my (?:data|pictures|images|photos|threads|stuff|account)$/i,
  /^(?:forget|delete|erase) (?:everything|all)(?: that)? you (?:have|know|stored?|saved)(?: (?:about|of|on) me)?$/i,
];

export const forget: Command = {
  name: 'forget',
  help: 'delete everything about this thread',
  examples: ['forget', 'delete everything', 'delete this thread'],
  parse: (text) => (THREAD.test(text) ? { kind: 'forget' } : undefined),
};

export const forgetMe: Command = {
  name: 'forget me',
  help: 'delete every picture and thread of yours here',
  examples: ['forget me', 'forget everything of mine', 'delete all my data'],
  parse: (text) => (MINE.some((pattern) => pattern.test(text)) ? { kind: 'forgetMe' } : undefined),
};
