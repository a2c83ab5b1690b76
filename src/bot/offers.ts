import { parse } from '../commands/index.js';
import type { Subject } from '../commands/command.js';

const MOST = 3;
const QUOTED = /"([^"\n]{2,80})"/g;

/** What a refusal suggests in quotes and would be understood here, to be said with one press. */
export function offersIn(refusal: string, subject: Subject): string[] {
  const quoted = [...refusal.matchAll(QUOTED)].map(([, words]) => words!);
  const understood = quoted.filter((words) => {
    try {
      return parse(words, subject).length > 0;
    } catch {
      return false;
    }
  });
  return [...new Set(understood)].slice(0, MOST);
}
