import { UserError } from '../engine/errors.js';
import type { TurnPicture } from '../engine/edits/index.js';
import { inDigits, VAGUE, type Vaguely, vaguely } from './amounts.js';
import { Asking, MISSING } from './asking.js';
import { type Action, asEdit, type Command, type Subject } from './command.js';
import { GLANCE } from './elide.js';
import { itemIndex, namesItem } from './items.js';
import { PICTURE } from './several.js';

/** What people call an angle without a number, in degrees. */
const ANGLE: Vaguely = { little: 10, lot: 45, half: 180 };
const TURNS: Record<string, number> = {
  ...{ 'a quarter turn': 90, 'a quarter': 90, 'half a turn': 180, 'a half turn': 180 },
};
const WAYS = '(?:to the )?(?:left|right|clockwise|counter-?clockwise|anti-?clockwise)';
const WITHOUT_NUMBER = new RegExp(` (?:by )?(${Object.keys(TURNS).join('|')}|${VAGUE})(?=$| ${WAYS}$)`, 'i');
const DEGREES = '(-?\\d+(?:\\.\\d+)?) ?(?:°|deg(?:rees?)?)?';
const ROTATE = new RegExp(`^(?:rotate|tilt|spin|turn) (.+?)(?: (?:by )?${DEGREES})(?: (${WAYS}))?$`, 'i');
const WAY = new RegExp(`^(?:rotate|tilt|spin|turn) (.+?) (?:(${WAYS})|(upside down|a?round))$`, 'i');
const BACKWARDS = /left|counter|anti/i;
const QUARTER = 90;
/** What tilts is not laid on its side. */
const TILT = 15;

export const rotate: Command = {
  name: 'rotate',
  help: 'turn an item by degrees, clockwise, or the whole picture by quarters',
  examples: ['rotate 3 15', 'rotate the hat 20 degrees left', 'turn 3 upside down', 'rotate the picture 90'],
  verbs: ['rotate', 'tilt', 'spin'],
  parse(written, subject) {
    const said = inDigits(written);
    const text = /^(?:rotate|tilt|spin|turn) /i.test(said)
      ? said.replace(
          WITHOUT_NUMBER,
          (_, words: string) => ` ${TURNS[words.toLowerCase()] ?? vaguely(words, ANGLE)}`,
        )
      : said;
    const turned = (item: string, degrees: number) => {
      const index = itemIndex(item, subject);
      if (degrees % 360 === 0)
        throw new UserError(`by how many degrees? say for example "rotate ${index + 1} 15"`);
      return asEdit({ kind: 'rotate', item: index, degrees });
    };
    const [, item, degrees, way = ''] = ROTATE.exec(text) ?? [];
    if (item !== undefined && PICTURE.test(item) && !namesItem(item, subject))
      return turnedBy(Number(degrees) * (BACKWARDS.test(way) ? -1 : 1));
    if (item !== undefined && (!/^turn/i.test(text) || namesItem(item, subject)))
      return turned(item, Number(degrees) * (BACKWARDS.test(way) ? -1 : 1));
    const [, what, side = '', over] = WAY.exec(text) ?? [];
    const picture = /^(?:rotate|turn|tilt|spin) (.+)$/i.exec(text)?.[1];
    if (picture && PICTURE.test(picture) && !namesItem(picture, subject)) return turnedBy(undefined);
    if (what === undefined) return undefined;
    const by = over ? 180 : (BACKWARDS.test(side) ? -1 : 1) * (/^tilt/i.test(text) ? TILT : QUARTER);
    if (PICTURE.test(what) && !namesItem(what, subject)) return turnedBy(by);
    return namesItem(what, subject) ? turned(what, by) : undefined;
  },
};

/** The whole picture, by degrees clockwise. @throws UserError for what is not by quarters */
function turnedBy(degrees: number | undefined): Action {
  const quarters = ((((degrees ?? 0) / QUARTER) % 4) + 4) % 4;
  if (quarters === 0 || !Number.isInteger(quarters))
    throw new UserError('the whole picture turns by quarters: say for example "rotate the picture 90"');
  return wholePicture(false, quarters as TurnPicture['quarters']);
}

const wholePicture = (mirrored: boolean, quarters: TurnPicture['quarters']): Action =>
  asEdit({ kind: 'turnPicture', mirrored, quarters });

/** "it" is the picture as long as no item was spoken of. */
const isPicture = (written: string, subject: Subject): boolean =>
  !namesItem(written, subject) && (PICTURE.test(written) || /^(?:it|this)$/i.test(written));

const FLIP =
  /^(?:flip|mirror|reverse) (.+?)(?: (?:horizontally|left[ -](?:to[ -])?right|sideways|over|around|(?:in |to )?the other (?:way|direction|side)(?: a?round)?))?$/i;
/** "flip horizontally", "rotate 90 degrees": of what? */
const OF_NOTHING =
  /^(flip|mirror)( (?:it )?(?:horizontally|vertically|sideways|left to right|over|around))?$|^(rotate|turn|tilt|spin)( (?:by )?-?\d+ ?(?:°|deg(?:rees?)?)(?: .{1,20})?| (?:to the )?(?:left|right)| clockwise| upside down)$/i;
const UPRIGHT = /^(?:flip|mirror) (.+?) (?:vertically|upside down|top[ -](?:to[ -])?bottom)$/i;

export const flip: Command = {
  name: 'flip',
  help: 'mirror an item or the whole picture, left to right',
  examples: ['flip 3', 'mirror the dog', 'flip the picture'],
  verbs: ['flip', 'mirror'],
  parse(text, subject) {
    ofNothing(text, subject);
    const upright = UPRIGHT.exec(text)?.[1];
    if (upright !== undefined) {
      // top to bottom is left to right, upside down
      if (isPicture(upright, subject)) return wholePicture(!/upside down$/i.test(text), 2);
      const item = itemIndex(upright, subject) + 1;
      throw new UserError(`flip goes from left to right: for upside down say "rotate ${item} 180"`);
    }
    const item = FLIP.exec(text)?.[1];
    if (item !== undefined && isPicture(item, subject)) return wholePicture(true, 0);
    return item === undefined ? undefined : asEdit({ kind: 'flip', item: itemIndex(item, subject) });
  },
};

/** @throws Asking what is to be turned, where nothing is named */
function ofNothing(text: string, { last, items }: Subject): void {
  const [, flips, over = '', turns, by = ''] = (text.length <= GLANCE && OF_NOTHING.exec(text)) || [];
  const verb = flips ?? turns;
  if (!verb) return;
  const how = `${over}${by}`;
  const number = (last ?? Math.min(1, items.length - 1)) + 1;
  throw new Asking(
    `${verb} what? say for example "${verb} the picture${flips ? over : ' 90'}" or "${flips ? `flip ${number}` : `rotate ${number} 15`}"`,
    `${verb} ${MISSING}${how}`,
  );
}
