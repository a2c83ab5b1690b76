import { lookOf } from '../engine/edits/index.js';
import { lookAmounts, VAGUE, vaguely } from './amounts.js';
import { Asking, MISSING } from './asking.js';
import { type Action, asEdit, type Command, type Subject } from './command.js';
import { GLANCE } from './elide.js';
import { isPronoun, namesItem } from './items.js';
import { ground, GROUND, itemIndices, listedNames, PICTURE } from './several.js';

/** What becomes of something by a verb. */
const BECOMES: Record<string, string> = {
  ...{ blur: 'blurred', defocus: 'blurred', sharpen: 'sharper', brighten: 'brighter', lighten: 'lighter' },
  ...{ darken: 'darker', dim: 'darker', warm: 'warmer', cool: 'cooler', desaturate: 'less saturated' },
  ...{ saturate: 'more saturated' },
};
const AMOUNT = `(?: (${VAGUE}|by (?:a )?\\d+ ?%|\\d+ ?%))?(?: (?:even )?(?:more|further))?`;
const VERB = new RegExp(
  `^(${Object.keys(BECOMES).join('|')})(?: (?:up|down|out))? (.+?)(?: (?:up|down|out))?${AMOUNT}$`,
  'i',
);
const MAKE = /^(?:make|turn|paint|colou?r|have|let|set|change) (?:only |just )?(.+)$/i;
/** "put the background out of focus", "bring the cat into focus". */
const FOCUS = /^(?:put|bring|throw|set|get|have|take) (.+?) (?:(out of)|in|into) focus$/i;
/** "the picture is too dark", "it's a bit too blurry", and what is done about it. */
const TOO = new RegExp(
  `^(?:(.+?)(?: is|'s| are|'re| looks?) )?(?:still )?(?:(${VAGUE}) )?(?:too|not (?:so|that)) (\\w+)(?: now)?$`,
  'i',
);
const AGAINST: Record<string, string> = {
  ...{ dark: 'brighter', dim: 'brighter', bright: 'darker', light: 'darker', cold: 'warmer', cool: 'warmer' },
  ...{
    blue: 'warmer',
    warm: 'cooler',
    yellow: 'cooler',
    blurry: 'sharper',
    blurred: 'sharper',
    sharp: 'softer',
  },
  ...{
    pale: 'more saturated',
    dull: 'more saturated',
    colourful: 'less saturated',
    colorful: 'less saturated',
  },
  ...{ saturated: 'less saturated' },
};
/** "more contrast in 3", "increase the contrast of the picture". */
const CONTRAST =
  /^(?:(?:(more|increase|raise|boost|add|turn up|up|bump up|crank up)|(?:less|decrease|lower|reduce|turn down))) (?:the |some |more )?(contrast|brightness|exposure|saturation|sharpness|warmth)(?: (?:of|in|on|for|to) (.+?))?(?: by (\d+ ?%))?$/i;
/** "turn the brightness up". */
const TURNED = /^(turn|crank) the (\w+) (up|down)(?= |$)/i;
/** What more and less of something is. */
const MORE: Record<string, readonly [more: string, less: string]> = {
  contrast: ['more contrast', 'less contrast'],
  brightness: ['brighter', 'darker'],
  exposure: ['brighter', 'darker'],
  saturation: ['more saturated', 'less saturated'],
  sharpness: ['sharper', 'softer'],
  warmth: ['warmer', 'cooler'],
};
/** "give 3 more contrast". */
const GIVE = new RegExp(`^give (.+?) ((?:${VAGUE} )?(?:more|less) contrast)$`, 'i');
/** Looks alone: "a bit darker", "even warmer please". */
const STILL = new RegExp(
  `^(?:even|still|some|rather|or|try(?: it)?(?: in)?|make that|i (?:meant|mean|said)|not \\w+, ?(?:but )?) |^(${VAGUE}) more (?=\\w+er$)`,
  'i',
);
/** "everything black and white except for the hat" with its look at the end. */
const EXCEPT =
  /^(\w+) (everything|all|the rest|it|(?:the )?(?:whole )?(?:picture|image|photo)) (.+?) ((?:but|except(?: for)?|besides|other than|apart from) .+)$/i;
const OTHERS =
  /^(?:everything|all(?: of it)?|all (?:the )?others|the rest|the others) ?(?:but|except(?: for)?|around|behind|besides|other than|apart from|outside(?: of)?) (.+)$/i;

export const look: Command = {
  name: 'blur',
  help: 'blur, brighten, darken, warm or recolour an item, the background, or everything but an item',
  examples: [
    'blur the background',
    'make everything but 3 black and white',
    'darken 3 a little',
    'more contrast in 3',
  ],
  verbs: Object.keys(BECOMES),
  parse(said, subject) {
    const text = lookAmounts(said).replace(
      EXCEPT,
      (_, verb, all, how, but) => `${verb} ${/^all|^the rest/i.test(all) ? all : 'everything'} ${but} ${how}`,
    );
    const [, what, out] = FOCUS.exec(text) ?? [];
    const focused = out ? 'blurred' : 'sharper';
    if (what) return asEdit({ kind: 'look', ...targets(what, focused, subject), words: focused });
    const [, verb, target, amount] = VERB.exec(text) ?? [];
    if (verb && target) {
      const words = [BECOMES[verb.toLowerCase()], amount?.replace(/^by (?:a )?/i, '')]
        .filter(Boolean)
        .join(' ');
      return asEdit({ kind: 'look', ...targets(target, words, subject), words });
    }
    return contrast(text, subject) ?? made(text, subject) ?? tooMuch(text, subject) ?? alone(text, subject);
  },
};

function contrast(text: string, subject: Subject): Action | undefined {
  const [given, to, how] = GIVE.exec(text) ?? [];
  if (given) return asEdit({ kind: 'look', ...targets(to!, how!, subject), words: how! });
  const [said, more, of, target, amount] =
    CONTRAST.exec(text.length <= GLANCE ? text.replace(TURNED, '$1 $3 the $2') : text) ?? [];
  if (!said) return undefined;
  const words = [amount, MORE[of!.toLowerCase()]![more ? 0 : 1]].filter(Boolean).join(' ');
  return target === undefined
    ? alone(words, subject)
    : asEdit({ kind: 'look', ...targets(target, words, subject), words });
}

function tooMuch(text: string, subject: Subject): Action | undefined {
  const [, what, much, how = ''] = TOO.exec(text) ?? [];
  const words = AGAINST[how.toLowerCase()];
  if (!words) return undefined;
  const amount = vaguely(much ?? '', { little: ' a little', lot: ' a lot' }) ?? '';
  if (what === undefined) return last(`${words}${amount}`, subject);
  if (!isTarget(what, subject)) return undefined;
  return asEdit({ kind: 'look', ...targets(what, words, subject), words: `${words}${amount}` });
}

/** What is said of nothing is said of what was spoken of last. */
function alone(text: string, subject: Subject): Action | undefined {
  const words = text.replace(STILL, (_, amount?: string) => (amount ? `${amount} ` : ''));
  return lookOf(words) && !namesItem(text, subject) ? last(words, subject) : undefined;
}

/** Of what was spoken of last, or of all that the last edit was of. @throws Asking where there is nothing */
function last(words: string, subject: Subject): Action {
  const { done } = subject;
  if (subject.last === undefined && done?.kind === 'look') return asEdit({ ...done, words });
  if (subject.last !== undefined)
    return asEdit({ kind: 'look', items: [subject.last], others: false, words });
  const one = `"make ${Math.min(2, subject.items.length)} ${words}"`;
  throw new Asking(
    `what is to be so? say ${isOfAll(words) ? `"make everything ${words}" or ${one}` : `for example ${one}`}`,
    `make ${MISSING} ${words}`,
  );
}

/** Whether the words are something that `targets` takes. */
const isTarget = (written: string, subject: Subject): boolean =>
  OTHERS.test(written) ||
  PICTURE.test(written) ||
  GROUND.test(written) ||
  isPronoun(written) ||
  namesItem(written, subject);

/** "make everything but 3 black and white"; items by themselves are make.ts's. */
function made(text: string, subject: Subject): Action | undefined {
  const rest = MAKE.exec(text)?.[1];
  if (!rest) return undefined;
  const words = rest.split(' ');
  for (let n = 1; n < words.length; n++) {
    const target = words.slice(0, n).join(' ');
    const said = words
      .slice(n)
      .join(' ')
      .replace(/^(?:to be|into|to|in) /i, '');
    if (!lookOf(said)) continue;
    const whole = OTHERS.test(target) || PICTURE.test(target) || GROUND.test(target);
    const it = isPicture(target, said, subject);
    const several = listedNames(target, subject)?.after === '';
    if (it || several || (whole && !(GROUND.test(target) && namesItem(target, subject))))
      return asEdit({ kind: 'look', ...targets(target, said, subject), words: said });
  }
  return undefined;
}

/** Whether a look is one that people want of a whole picture: nobody wants all of it red, or blurred. */
const isOfAll = (words: string): boolean => !/colour|blur/.test(lookOf(words)?.kind ?? 'colour');

/** "it" is the picture as long as no item was spoken of. */
const isPicture = (written: string, words: string, subject: Subject): boolean =>
  PICTURE.test(written) || (isPronoun(written) && !namesItem(written, subject) && isOfAll(words));

function targets(written: string, words: string, subject: Subject): { items: number[]; others: boolean } {
  const others = OTHERS.exec(written)?.[1];
  if (others !== undefined) return { items: itemIndices(others, subject), others: true };
  if (isPicture(written, words, subject)) return { items: [], others: true };
  if (GROUND.test(written)) return { items: [ground(subject)], others: false };
  return { items: itemIndices(written, subject), others: false };
}
