import type { Edit, SingleEdit } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { type Action, asEdit, type Command, type Subject } from './command.js';
import { COUNT, counted, TIMES, timesOf } from './counts.js';
import { itemIndex, leadingItem } from './items.js';
import { movedAs } from './move.js';
import { pluralOf } from './several.js';

const VERBS = ['copy', 'duplicate', 'clone', 'double up'];
const VERB = new RegExp(
  `^(?:(?:${VERBS.join('|')})|(?:put|place|add|make) (?:a|another|one more) (?:copy|duplicate|clone) of) (.+)$`,
  'i',
);
/** "add another cup on the left", "one more cup please": where such a thing is there, it once more. */
const ANOTHER =
  /^(?:(?:add|put|place|draw|insert|show|give me|there should be) )?(?:another|one more|an?(?: second| third| fourth|n extra|n additional)) (.+)$/i;
/** "make three copies of 3", "add two more cups", "copy 3 twice": how many copies, and of what. */
const COPIES = new RegExp(
  `^(?:(?:make|add|put|create|draw) )?(${COUNT}) (?:more )?(?:copies|duplicates|clones) of (.+)$`,
  'i',
);
const MORE = new RegExp(`^(?:(?:make|add|put|create|draw|give me) )?(${COUNT}) (?:more|extra) (.+?)s?$`, 'i');
const OFTEN = new RegExp(`,? (${TIMES})(?= |$)`, 'i');
/** More of one thing than this are a crowd. */
const MOST = 6;
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
  examples: ['copy 3 right 30%', 'duplicate the hat', 'copy 3 next to 4', 'copy 3 twice'],
  verbs: ['copy', 'duplicate', 'clone'],
  parse(text, subject) {
    const { what, count } = wanted(text, subject) ?? {};
    if (what === undefined || count === undefined) return undefined;
    const moved = movedAs(`move ${what}`, subject, ASIDE);
    const placed = moved?.kind === 'edit' ? copied(moved.edit) : undefined;
    if (count !== 1) return row(placed ?? itemIndex(what, subject), count, subject);
    return asEdit(placed ?? aside(itemIndex(what, subject), 1, subject));
  },
};

/** What is to be copied, where to, and how often. */
function wanted(text: string, subject: Subject): { what: string; count: number } | undefined {
  const [, copies, what] = COPIES.exec(text) ?? [];
  if (copies && what) return { what, count: counted(copies) };
  const [, others, thing] = MORE.exec(text) ?? [];
  if (others && thing && (leadingItem(thing, subject) ?? pluralOf(`${thing}s`, subject)))
    return { what: thing, count: counted(others) };
  const another = ANOTHER.exec(text)?.[1];
  const rest = VERB.exec(text)?.[1] ?? (another && leadingItem(another, subject) ? another : undefined);
  if (rest === undefined) return undefined;
  const often = OFTEN.exec(rest)?.[1];
  return { what: often ? rest.replace(OFTEN, '') : rest, count: often ? timesOf(often) : 1 };
}

const aside = (item: number, steps: number, { width }: Subject) =>
  ({ kind: 'copy', item, dx: Math.round((width * ASIDE * steps) / 100), dy: 0 }) as const;

/** Several copies, each farther off than the one before; without a way to the right and to the left in turn. */
function row(placed: Edit | number, count: number, subject: Subject): Action {
  if (!(count >= 1 && count <= MOST))
    throw new UserError(`one to ${MOST} copies at once: say for example "copy 3 twice"`);
  const edits = Array.from({ length: count }, (_, i): SingleEdit | undefined => {
    if (typeof placed === 'number')
      return aside(placed, Math.ceil((i + 1) / 2) * (i % 2 === 0 ? 1 : -1), subject);
    return placed.kind === 'copy'
      ? { ...placed, dx: placed.dx * (i + 1), dy: placed.dy * (i + 1) }
      : undefined;
  });
  if (edits.includes(undefined))
    throw new UserError(
      'several copies at one place hide each other: say for example "copy 3 right 20% twice"',
    );
  return asEdit({ kind: 'together', edits: edits as SingleEdit[] });
}
