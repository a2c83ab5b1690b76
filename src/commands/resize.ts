import { UserError } from '../engine/errors.js';
import { inPercent, VAGUE, vaguely as amountOf } from './amounts.js';
import { asEdit, type Action, type Command, type Subject } from './command.js';
import { itemIndex, namesItem } from './items.js';

const ENLARGE = ['enlarge', 'magnify', 'increase', 'upscale'];
const REDUCE = ['reduce', 'decrease', 'downsize', 'downscale', 'minimise', 'minimize'];
const LARGER = 'bigger|larger|huger|taller';
const SMALLER = 'smaller|tinier';

/** What "bigger" is when nobody says by how much; "smaller" undoes it. */
const BIGGER = 1.25;
const NUMBER = '(\\d+(?:\\.\\d+)?)';
const SIZE_OF = '(?:the size of )?';

/** "resize 3 150%", "scale the cat to 60%", "make 3 x1.5": the new size. */
const TO = new RegExp(
  `^(?:resize|scale|size|zoom|make|set) ${SIZE_OF}(.+?) (?:to |by )?(?:(?:[x×] ?|a factor of |(?<=by ))${NUMBER}|${NUMBER} ?(%|per ?cent|[x×]|times))(?: (?:of )?(?:its|the|their) (?:original )?size| size| (?:as )?(?:big|large|tall|bigger|larger))?$`,
  'i',
);
/** "enlarge 3 by 50%", "shrink 3 to 80%", "enlarge 3 a bit", "shrink 3". */
const VERB = new RegExp(
  `^(?:(${ENLARGE.join('|')}|grow|expand|blow up|scale up)|${REDUCE.join('|')}|shrink|scale down) ${SIZE_OF}(.+?)(?: (?:(by|to) )?(?:${NUMBER} ?(%|per ?cent)|(${VAGUE})))?$`,
  'i',
);
/** "make 3 bigger", "3 50% bigger", "the dog should be a bit smaller", "make 3 bigger by 20%". */
const COMPARED = new RegExp(
  `^(make |let |have )?(.+?)(?: (?:should be|be|be made|to be|must be|a))?(?: (?:${NUMBER} ?(%|percent|x|times)|(${VAGUE})))? (?:(${LARGER})|${SMALLER})(?: (?:in size|size))?(?: by ${NUMBER} ?(?:%|percent))?(?: again)?$`,
  'i',
);
const TIMES =
  /^(?:(?:make|resize|scale) )?(.+?)(?: to)? (?:(?:(twice|double|2 times)|half|halve) ?)(?:as (?:big|large|small|tall)|of it|(?:the|its|that|the original) size|bigger|larger|)$/i;
const DOUBLE = /^(?:(double)|halve|half) (?:the size of )?(.+?)(?: in size)?$/i;
/** Sizes that words are by themselves. */
const SIZES: Record<string, number> = {
  ...{ huge: 2, enormous: 2, giant: 2, gigantic: 2, big: 1.5, large: 1.5 },
  ...{ small: 1 / 1.5, little: 1 / 1.5, tiny: 0.5, minuscule: 0.5 },
};
const SIZED = new RegExp(
  `^(?:make |let |have )?(.+?)(?: (?:should be|be|to be))? (?:very |really )?(${Object.keys(SIZES).join('|')})$`,
  'i',
);
/** "a bigger dog", "smaller cup please". */
const SIZE_FIRST = new RegExp(`^(?:an? )?(?:(${VAGUE}) )?(?:(${LARGER})|${SMALLER}) (.+)$`, 'i');
/** "a tiny bag". */
const SIZE_NAMED = new RegExp(`^(?:an? )?(?:very |really )?(${Object.keys(SIZES).join('|')}) (.+)$`, 'i');
const TOO = new RegExp(
  `^(.+?) (?:is|looks) (?:(${VAGUE}) )?too (?:(small|tiny|little)|big|large|huge)$`,
  'i',
);

export const resize: Command = {
  name: 'resize',
  help: 'make an item larger or smaller about its centre',
  examples: ['resize 3 150%', 'scale the cat to 60%', 'resize 2 x1.5', 'make 3 bigger'],
  verbs: ['resize', 'scale', 'zoom', 'double', 'halve', ...ENLARGE, ...REDUCE],
  parse: (said, subject) => sized(inPercent(said), subject),
};

const sized = (text: string, subject: Subject): Action | undefined =>
  compared(text, subject) ??
  exactly(text, subject) ??
  byVerb(text, subject) ??
  doubled(text, subject) ??
  named(text, subject);

function exactly(text: string, subject: Subject): Action | undefined {
  const [, item, factor, number, unit] = TO.exec(text) ?? [];
  if (item === undefined) return undefined;
  return scaled(item, factor ? Number(factor) : Number(number) / (/^[%p]/i.test(unit!) ? 100 : 1), subject);
}

function byVerb(text: string, subject: Subject): Action | undefined {
  const [, enlarge, item, preposition, percent, , vague] = VERB.exec(text) ?? [];
  // "shrink 3 8" is about the outline: see grow.ts
  if (item === undefined || (percent === undefined && !namesItem(item, subject))) return undefined;
  if (percent === undefined) return scaled(item, vaguely(vague, enlarge !== undefined), subject);
  const share = Number(percent) / 100;
  return scaled(item, preposition?.toLowerCase() === 'to' ? share : enlarge ? 1 + share : 1 - share, subject);
}

function compared(text: string, subject: Subject): Action | undefined {
  const [, verb, item, number, unit, vague, larger, percent] = COMPARED.exec(text) ?? [];
  if (item === undefined || (!verb && !namesItem(item, subject))) return undefined;
  const by = percent ?? (unit && /^[%p]/i.test(unit) ? number : undefined);
  if (by !== undefined) return scaled(item, larger ? 1 + Number(by) / 100 : 1 - Number(by) / 100, subject);
  if (number !== undefined) return scaled(item, larger ? Number(number) : 1 / Number(number), subject);
  return scaled(item, vaguely(vague, larger !== undefined), subject);
}

function doubled(text: string, subject: Subject): Action | undefined {
  const [, timesItem, twice] = TIMES.exec(text) ?? [];
  if (timesItem !== undefined && namesItem(timesItem, subject))
    return scaled(timesItem, twice ? 2 : 0.5, subject);
  const [, double, item] = DOUBLE.exec(text) ?? [];
  if (item !== undefined && namesItem(item, subject)) return scaled(item, double ? 2 : 0.5, subject);
  const [, tooItem, vague, small] = TOO.exec(text) ?? [];
  if (tooItem !== undefined && namesItem(tooItem, subject))
    return scaled(tooItem, vaguely(vague, small !== undefined), subject);
  return undefined;
}

function named(text: string, subject: Subject): Action | undefined {
  const [, vague, larger, thing] = SIZE_FIRST.exec(text) ?? [];
  if (thing && namesItem(thing, subject)) return scaled(thing, vaguely(vague, larger !== undefined), subject);
  const [, size0, called] = SIZE_NAMED.exec(text) ?? [];
  const [, item = called, size = size0] = SIZED.exec(text) ?? [];
  if (item === undefined || !size || !namesItem(item, subject)) return undefined;
  return scaled(item, SIZES[size.toLowerCase()]!, subject);
}

const vaguely = (words = '', larger: boolean): number => {
  const factor = amountOf(words, { little: 1.1, half: larger ? 1.5 : 2, lot: 2 }) ?? BIGGER;
  return larger ? factor : 1 / factor;
};

function scaled(item: string, factor: number, subject: Subject): Action {
  const index = itemIndex(item, subject);
  // no more digits than anybody means: 1 + 0.1 is 1.1
  const scale = Math.round(factor * 1e4) / 1e4;
  if (!(scale >= 0.1 && scale <= 10))
    throw new UserError(`sizes go from 10% to 1000%: say for example "resize ${index + 1} 150%"`);
  return asEdit({ kind: 'resize', item: index, scale });
}
