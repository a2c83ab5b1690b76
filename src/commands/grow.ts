import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

const WIDER = ['grow', 'expand', 'widen', 'dilate', 'extend'];
const NARROWER = ['shrink', 'contract', 'narrow', 'erode', 'tighten'];
const OUTLINE = '(?:the (?:outline|mask|edge|border) of )?';
const PATTERN = new RegExp(
  `^(?:(${WIDER.join('|')})|${NARROWER.join('|')}) ${OUTLINE}(.+?)(?:'s (?:outline|mask|edge|border))? (?:by )?(\\d+) ?(?:px|pixels?)?$`,
  'i',
);
/** The picture's own sides are bounded; no outline grows by more. */
const MOST = 512;

export const grow: Command = {
  name: 'grow',
  help: "widen or narrow an item's outline by pixels",
  examples: ['grow 3 8', 'shrink 3 8', 'grow the hat by 4 px'],
  verbs: [...WIDER, ...NARROWER],
  parse(text, subject) {
    const [, wider, item, digits] = PATTERN.exec(text) ?? [];
    if (item === undefined) return undefined;
    const pixels = Number(digits);
    const index = itemIndex(item, subject);
    if (pixels < 1 || pixels > MOST)
      throw new UserError(
        `an outline grows by 1 to ${MOST} pixels: say for example "${wider ? 'grow' : 'shrink'} ${index + 1} 8"`,
      );
    return asEdit({ kind: 'grow', item: index, pixels: wider ? pixels : -pixels });
  },
};
