import type { Edit } from '../engine/edits/index.js';
import { asEdit, type Command } from './command.js';
import { itemIndex, leadingItem } from './items.js';
import { movedAs } from './move.js';

const VERBS = ['copy', 'duplicate', 'clone', 'double up'];
const VERB = new RegExp(
  `^(?:(?:${VERBS.join('|')})|(?:put|place|add|make) (?:a|another|one more) (?:copy|duplicate|clone) of) (.+)$`,
  'i',
);
/** "add another cup on the left", "one more cup please": where such a thing is there, it once more. */
const ANOTHER =
  /^(?:(?:add|put|place|draw|insert|show|give me|there should be) )?(?:another|one more|an?(?: second| third| fourth|n extra|n additional)) (.+)$/i;
/** How far a copy goes where nobody says how far, in per cent of the side: clear of most things. To the right, where nobody says where. */
const ASIDE = 20;

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
    const more = ANOTHER.exec(text)?.[1];
    const rest = VERB.exec(text)?.[1] ?? (more && leadingItem(more, subject) ? more : undefined);
    if (rest === undefined) return undefined;
    const moved = movedAs(`move ${rest}`, subject, ASIDE);
    const placed = moved?.kind === 'edit' ? copied(moved.edit) : undefined;
    if (placed) return asEdit(placed);
    return asEdit({
      kind: 'copy',
      item: itemIndex(rest, subject),
      dx: Math.round((subject.width * ASIDE) / 100),
      dy: 0,
    });
  },
};
