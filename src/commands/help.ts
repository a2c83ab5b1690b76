import type { Command } from './command.js';

const TOPIC =
  /^(?:help|explain|man|commands?|usage)(?: (?:me )?(?:with |for |about |on )?(?:the )?([a-z]+(?: (?:me|only|out))?))?$/i;
const HOW =
  /^how (?:(?:do|can|could|would|should) (?:i|we|you)|to|does)(?: (?:the )?([a-z]+))?(?: .{0,40})?$/i;
const PLAIN =
  /^(?:\?+|(?:help )?what (?:else )?(?:can|could|do|should) (?:you|i|we) (?:do|say|type|write|ask|ask for)(?: here| now)?|how does (?:this|it|that) work|how (?:do|can) i use (?:this|it|you)|(?:instructions|manual|options|menu|info|help me|i need help|i am lost|i'm lost)|what (?:are the|are your|other)? ?(?:commands|options)(?: are there)?|(?:list|show)(?: me)? (?:the |all |all the )?commands|(?:what|who) are you|what is this)$/i;

export const help: Command = {
  name: 'help',
  help: 'list what can be said, or explain one command',
  examples: ['help', 'help blend', 'what can you do'],
  parse(text) {
    if (PLAIN.test(text)) return { kind: 'help' };
    const match = TOPIC.exec(text) ?? HOW.exec(text);
    if (!match) return undefined;
    const topic = match[1]?.toLowerCase();
    return topic ? { kind: 'help', topic } : { kind: 'help' };
  },
};
