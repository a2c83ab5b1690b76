import type { Command } from './command.js';

const WORDS =
  /^(?:(?:show (?:me )?)?(?:the )?(?:compare|comparison|diff|differences?|before ?(?:and |& ?|\/ ?|vs\.? )?after)|compare (?:it|them|this|both|the two)?(?: ?(?:with|to|and) (?:the )?(?:original|first|before|picture i sent))?|(?:show (?:me )?)?(?:the )?original|what (?:changed|has changed|is different)|side by side)$/i;

export const compare: Command = {
  name: 'compare',
  help: 'show the picture before and after',
  examples: ['compare', 'before and after'],
  parse: (text) => (WORDS.test(text) ? { kind: 'compare' } : undefined),
};
