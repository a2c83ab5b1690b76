import type { Command } from './command.js';

// "forget it" is how people say never mind: that is `cancel`, which loses nothing
const THREAD =
  /^(?:forget|forget (?:everything|all)(?: (?:here|in this thread|about this(?: thread)?))?|(?:forget|delete|close|remove) (?:about )?(?:this|the) (?:thread|conversation|chat|session)|delete (?:everything|all)(?: here)?)$/i;
const MINE =
  /^(?:forget (?:about )?me|(?:forget|delete|erase|remove) (?:everything|all|anything|every picture|all pictures)(?: (?:of|about)(?: me| mine)|(?: that's)? mine)|(?:forget|delete|erase|remove|wipe) (?:all )?(?:of )?my (?:data|pictures?|images?|threads?|stuff|things|account)|(?:forget|delete|erase) (?:everything|all)(?: that)? you (?:have|know|stored?|saved)(?: (?:about|of|on) me)?)$/i;

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
  parse: (text) => (MINE.test(text) ? { kind: 'forgetMe' } : undefined),
};
