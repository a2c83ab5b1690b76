import type { Command } from './command.js';

const LAST =
  '(?:it|that|this|last|(?:the|that) last (?:one|edit|change|step|thing)|my last (?:edit|change)|(?:one|a) step)';
const WORDS = new RegExp(
  `^(?:(?:undo|revert|take back|roll ?back)(?: ${LAST})?|take (?:it|that) back|(?:remove|delete|discard|drop|throw away) (?:the|my|that) last (?:edit|change|step|version)|(?:go |step |(?:one|a) step )?back(?: (?:one|a|1) step)?|(?:go )?(?:back )?to the previous (?:one|picture|version)|previous|ctrl[ +-]?z|(?:put|move|bring|set|change|turn) (?:it|that|them|everything) back(?: again)?(?: (?:to )?(?:where|how|what|as|like|the way) (?:it|that|they|everything) (?:was|were|looked)(?: before)?)?|(?:go |put it )?back to (?:how|what|the way|where) (?:it|that|they|everything) (?:was|were|looked)(?: before)?|(?:go )?back to the one before|(?:use|take|restore|(?:give me|have|i want|i prefer) (?:back )?)the previous (?:one|picture|image|version)(?: back| again| instead)?|(?:put|move|bring) it (?:to )?where it was(?: before)?|forget the last (?:one|edit|change)|↩)$`,
  'i',
);
/** All the way: "start over", "back to the original". */
const ALL =
  /^(?:start (?:over|again|afresh|fresh|from (?:scratch|the beginning))|reset(?: (?:it|all|everything|the picture))?|(?:undo|revert|take back) (?:all(?: of it)?|everything|all (?:the |my )?(?:changes|edits))|from (?:scratch|the beginning)|begin again|restart|(?:(?:go |take me )?back|revert|reset|return)(?: it)? to (?:the )?(?:original|start|beginning|first)(?: (?:one|picture|image|photo|version))?|(?:use|take|keep|restore|have|give me|i want|i prefer) (?:back )?the original(?: (?:one|picture|image|photo|version))?(?: back| again)?|back to normal)$/i;

export const undo: Command = {
  name: 'undo',
  help: 'go back to the picture before, or all the way',
  examples: ['undo', 'go back', 'undo that', 'start over'],
  parse(text) {
    if (ALL.test(text)) return { kind: 'undo', all: true };
    return WORDS.test(text) ? { kind: 'undo' } : undefined;
  },
};
