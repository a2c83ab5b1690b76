import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';
import { move } from './move.js';

const VERBS = ['copy', 'duplicate', 'clone', 'double up'];
const VERB = new RegExp(`^(?:${VERBS.join('|')}) (.+)$`, 'i');
/** Where a copy goes when nobody says where: a fifth of the picture to the right. */
const ASIDE = 0.2;

export const copy: Command = {
  name: 'copy',
  help: 'put an item there once more',
  examples: ['copy 3 right 30%', 'duplicate the hat', 'copy 3 down 40'],
  verbs: ['copy', 'duplicate', 'clone'],
  parse(text, subject) {
    const rest = VERB.exec(text)?.[1];
    if (rest === undefined) return undefined;
    const moved = move.parse(`move ${rest}`, subject);
    if (moved?.kind === 'edit' && moved.edit.kind === 'move') {
      const { item, dx, dy } = moved.edit;
      return asEdit({ kind: 'copy', item, dx, dy });
    }
    return asEdit({
      kind: 'copy',
      item: itemIndex(rest, subject),
      dx: Math.round(subject.width * ASIDE),
      dy: 0,
    });
  },
};
