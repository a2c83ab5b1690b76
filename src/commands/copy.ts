import type { Edit } from '../engine/edits/index.js';
import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';
import { move } from './move.js';

const VERBS = ['copy', 'duplicate', 'clone', 'double up'];
const VERB = new RegExp(
  `^(?:(?:${VERBS.join('|')})|(?:put|place|add|make) (?:a|another|one more) (?:copy|duplicate|clone) of) (.+)$`,
  'i',
);
/** Where a copy goes when nobody says where: a fifth of the picture to the right. */
const ASIDE = 0.2;

/** The copy that lands where a move would take the item itself. */
function copied(moved: Edit): Edit | undefined {
  switch (moved.kind) {
    case 'move':
      return { ...moved, kind: 'copy' };
    case 'moveTo':
      return { ...moved, kind: 'copyTo' };
    case 'moveBeside':
      return { ...moved, kind: 'copyBeside' };
    default:
      return undefined;
  }
}

export const copy: Command = {
  name: 'copy',
  help: 'put an item there once more',
  examples: ['copy 3 right 30%', 'duplicate the hat', 'copy 3 next to 4'],
  verbs: ['copy', 'duplicate', 'clone'],
  parse(text, subject) {
    const rest = VERB.exec(text)?.[1];
    if (rest === undefined) return undefined;
    const moved = move.parse(`move ${rest.replace(/ (?:on|at) the (?=left|right)/i, ' to the ')}`, subject);
    const placed = moved?.kind === 'edit' ? copied(moved.edit) : undefined;
    if (placed) return asEdit(placed);
    return asEdit({
      kind: 'copy',
      item: itemIndex(rest, subject),
      dx: Math.round(subject.width * ASIDE),
      dy: 0,
    });
  },
};
