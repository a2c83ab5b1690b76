import { UserError } from '../engine/errors.js';
import { asEdit, type Command, type Subject } from './command.js';
import { itemIndex } from './items.js';

const RELATIVE =
  /^move (.+?) (?:to the )?(left|right|up|down)(?: (?:by )?(\d+(?:\.\d+)?) ?(px|pixels?|%|percent)?)?$/i;
const ABSOLUTE = /^move (.+?) to \(?(\d+) ?[, x] ?(\d+)\)?$/i;
const SIGNS: Record<string, readonly [number, number]> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};
/** How far "move 3 left" goes, in percent. */
const STEP = 10;

export const move: Command = {
  name: 'move',
  help: 'move an item by pixels or per cent, or its centre to a point',
  examples: ['move 3 left 40', 'move 3 right 10%', 'move 3 to 120,80', 'move the dog up'],
  parse(text, subject) {
    const to = ABSOLUTE.exec(text);
    if (to)
      return asEdit({ kind: 'moveTo', item: itemIndex(to[1]!, subject), x: Number(to[2]), y: Number(to[3]) });
    const by = RELATIVE.exec(text);
    if (!by) return undefined;
    const [, item, direction, amount, unit] = by;
    const [sx, sy] = SIGNS[direction!.toLowerCase()]!;
    const distance = pixels(
      amount ?? String(STEP),
      amount ? unit : '%',
      sx !== 0 ? subject.width : subject.height,
    );
    if (distance === 0)
      throw new UserError('move by how much? say for example "move 3 left 40" or "move 3 left 10%"');
    return asEdit({ kind: 'move', item: itemIndex(item!, subject), dx: sx * distance, dy: sy * distance });
  },
};

function pixels(amount: string, unit: string | undefined, side: Subject['width']): number {
  return Math.round(unit === '%' || unit === 'percent' ? (Number(amount) / 100) * side : Number(amount));
}
