import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex, namesItem } from './items.js';

/** What people call an angle without a number, in degrees. */
const VAGUELY: Record<string, number> = {
  ...{ 'a little': 10, 'a bit': 10, 'a little bit': 10, slightly: 10, 'a tad': 5 },
  ...{ 'a lot': 45, 'a quarter': 90, 'a quarter turn': 90, 'half a turn': 180, 'a half turn': 180 },
};
const VAGUE = new RegExp(
  ` (?:by )?(${Object.keys(VAGUELY)
    .sort((a, b) => b.length - a.length)
    .join('|')})(?= |$)`,
  'i',
);
const DEGREES = '(-?\\d+(?:\\.\\d+)?) ?(?:°|deg(?:rees?)?)?';
const ROTATE = new RegExp(
  `^(?:rotate|tilt|spin|turn) (.+?)(?: (?:by )?${DEGREES})(?: (?:to the )?(left|right|clockwise|counter-?clockwise|anti-?clockwise))?$`,
  'i',
);
const WAY =
  /^(?:rotate|tilt|spin|turn) (.+?) (?:(?:to the )?(left|right|clockwise|counter-?clockwise|anti-?clockwise)|(upside down|around))$/i;
const BACKWARDS = /left|counter|anti/i;
const QUARTER = 90;

export const rotate: Command = {
  name: 'rotate',
  help: 'turn an item by degrees, clockwise',
  examples: ['rotate 3 15', 'rotate the hat 20 degrees left', 'turn 3 upside down'],
  verbs: ['rotate', 'tilt', 'spin'],
  parse(said, subject) {
    const text = /^(?:rotate|tilt|spin|turn) /i.test(said)
      ? said.replace(VAGUE, (_, words: string) => ` ${VAGUELY[words.toLowerCase()]}`)
      : said;
    const turned = (item: string, degrees: number) => {
      const index = itemIndex(item, subject);
      if (degrees % 360 === 0)
        throw new UserError(`by how many degrees? say for example "rotate ${index + 1} 15"`);
      return asEdit({ kind: 'rotate', item: index, degrees });
    };
    const [, item, degrees, way = ''] = ROTATE.exec(text) ?? [];
    if (item !== undefined && (!/^turn/i.test(text) || namesItem(item, subject)))
      return turned(item, Number(degrees) * (BACKWARDS.test(way) ? -1 : 1));
    const [, what, side = '', over] = WAY.exec(text) ?? [];
    if (what === undefined || !namesItem(what, subject)) return undefined;
    return turned(what, over ? 180 : BACKWARDS.test(side) ? -QUARTER : QUARTER);
  },
};

const FLIP =
  /^(?:flip|mirror|reverse) (.+?)(?: (?:horizontally|left[ -](?:to[ -])?right|sideways|over|around))?$/i;
const UPRIGHT = /^(?:flip|mirror) (.+?) (?:vertically|upside down|top[ -](?:to[ -])?bottom)$/i;

export const flip: Command = {
  name: 'flip',
  help: 'mirror an item, left to right',
  examples: ['flip 3', 'mirror the dog'],
  verbs: ['flip', 'mirror'],
  parse(text, subject) {
    const upright = UPRIGHT.exec(text)?.[1];
    if (upright !== undefined) {
      const item = itemIndex(upright, subject) + 1;
      throw new UserError(`flip goes from left to right: for upside down say "rotate ${item} 180"`);
    }
    const item = FLIP.exec(text)?.[1];
    return item === undefined ? undefined : asEdit({ kind: 'flip', item: itemIndex(item, subject) });
  },
};
