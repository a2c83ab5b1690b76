import { UserError } from '../errors.js';
import type { ItemPrompt } from './kind.js';

const spoken = (...words: readonly (string | undefined)[]): string => words.filter(Boolean).join(' ');

/** The prompt with more words after it. */
export function extended(prompt: ItemPrompt, words: string): ItemPrompt {
  if (prompt.kind === 'text') return { kind: 'text', text: spoken(prompt.text, words) };
  if (prompt.kind === 'learned') return { ...prompt, words: spoken(prompt.words, words) };
  return { ...prompt, from: extended(prompt.from, words), to: extended(prompt.to, words) };
}

/**
 * The prompt of the same thing looking otherwise.
 * @throws UserError for a blend
 */
export function looking(prompt: ItemPrompt, words: string): ItemPrompt {
  if (prompt.kind === 'learned') return extended(prompt, words);
  // colours and looks come before a noun: "a cat" made red is "a red cat"
  if (prompt.kind === 'text') {
    const [, article = '', noun = ''] = /^((?:an?|the) )?(.*)$/i.exec(prompt.text) ?? [];
    return { kind: 'text', text: `${article}${words} ${noun}` };
  }
  throw new UserError('this item is a blend: replace it with words first, then change its looks');
}
