import type { Known } from '../../checkpoint/scorer.js';

/** What the words mean of what is known: "the kitten", "two dogs", "a small red car" by its last words. */
export function calledBy<T extends Pick<Known, 'names'>>(words: string, things: readonly T[]): T | undefined {
  const said = words.toLowerCase().split(/\s+/);
  for (let start = 0; start < said.length; start++) {
    const rest = said.slice(start).join(' ');
    const found = things.find(({ names }) =>
      names.some((name) => name === rest || `${name}s` === rest || name === `${rest}s`),
    );
    if (found) return found;
  }
  return undefined;
}
