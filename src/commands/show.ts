import type { Command } from './command.js';

const THING =
  '(?:me|it|again|(?:me )?(?:the |all |my |all the )?(?:current )?(?:picture|image|photo|pic|result|items?|numbers?|overlay|objects|things)(?: again)?)';
const WORDS = new RegExp(
  `^(?:show(?: ${THING})?|see(?: ${THING})|(?:the )?(?:overlay|items|numbers)|list(?: (?:the |all )?items)?|(?:what|which) (?:items|numbers|objects|things)(?: (?:are there|are in (?:the picture|it|there)|do you see|can i (?:change|edit)))?|what(?: is|'s|s) (?:in )?(?:the picture|what|which)|what do you see|(?:what|which) (?:did|do|can) you (?:see|detect|find|recogni[sz]e)(?: in (?:it|there|the picture))?|what can (?:i|you) (?:remove|change|edit|move|replace)|(?:list|show(?: me)?|name|label) (?:everything|(?:all )?the (?:items|objects|things))|how many (?:items|objects|things)(?: are there| do you see)?|(?:which|what) (?:number|one|item) (?:is|has) (?:the |my )?.{1,30}|who is (?:number |item |#)?\\d{1,2}|(?:show|remind) me (?:the )?what (?:is|was) what|what(?: is|'s) (?:item |number |#)?\\d{1,2})$`,
  'i',
);

export const show: Command = {
  name: 'show',
  help: 'show the current picture with its numbers',
  examples: ['show', 'show me the numbers', 'list items'],
  parse: (text) => (WORDS.test(text) ? { kind: 'show' } : undefined),
};
