import { lookOf } from '../engine/edits/index.js';
import { lookAmounts } from './amounts.js';
import { asEdit, type Command, type Subject } from './command.js';
import { namesItem } from './items.js';
import { ground, itemIndices } from './several.js';

/** What becomes of something by a verb. */
const BECOMES: Record<string, string> = {
  ...{ blur: 'blurred', defocus: 'blurred', sharpen: 'sharper', brighten: 'brighter', lighten: 'lighter' },
  ...{ darken: 'darker', dim: 'darker', warm: 'warmer', cool: 'cooler', desaturate: 'less saturated' },
  ...{ saturate: 'more saturated' },
};
const AMOUNT = '(?: (a (?:little|bit|lot|tad|touch)|slightly|much|strongly|by (?:a )?\\d+ ?%|\\d+ ?%))?';
const VERB = new RegExp(`^(${Object.keys(BECOMES).join('|')})(?: (?:up|down|out))? (.+?)${AMOUNT}$`, 'i');
const MAKE = /^(?:make|turn|paint|colou?r|have|let) (.+)$/i;
const OTHERS =
  /^(?:everything|all(?: of it)?|all (?:the )?others|the rest|the others) ?(?:but|except(?: for)?|around|behind|besides|other than|apart from|outside(?: of)?) (.+)$/i;
const ALL = /^(?:everything|all of it|it all|the (?:whole |entire )?(?:picture|image|photo|scene))$/i;
const GROUND = /^(?:the |its )?(?:back ?ground|surroundings)$/i;

export const look: Command = {
  name: 'blur',
  help: 'blur, brighten, darken, warm or recolour an item, the background, or everything but an item',
  examples: ['blur the background', 'make everything but 3 black and white', 'darken 3 a little'],
  verbs: Object.keys(BECOMES),
  parse(said, subject) {
    const text = lookAmounts(said);
    const [, verb, target, amount] = VERB.exec(text) ?? [];
    if (verb && target) {
      const words = [BECOMES[verb.toLowerCase()], amount?.replace(/^by (?:a )?/i, '')].filter(Boolean);
      return asEdit({ kind: 'look', ...targets(target, subject), words: words.join(' ') });
    }
    return made(text, subject);
  },
};

/** "make everything but 3 black and white"; items by themselves are make.ts's. */
function made(text: string, subject: Subject) {
  const rest = MAKE.exec(text)?.[1];
  if (!rest) return undefined;
  const words = rest.split(' ');
  for (let n = 1; n < words.length; n++) {
    const target = words.slice(0, n).join(' ');
    const said = words
      .slice(n)
      .join(' ')
      .replace(/^(?:to be|into|to|in) /i, '');
    if (OTHERS.test(target) || ALL.test(target) || (GROUND.test(target) && !namesItem(target, subject))) {
      if (lookOf(said)) return asEdit({ kind: 'look', ...targets(target, subject), words: said });
    }
  }
  return undefined;
}

function targets(written: string, subject: Subject): { items: number[]; others: boolean } {
  const others = OTHERS.exec(written)?.[1];
  if (others !== undefined) return { items: itemIndices(others, subject), others: true };
  if (ALL.test(written)) return { items: [], others: true };
  if (GROUND.test(written)) return { items: [ground(subject)], others: false };
  return { items: itemIndices(written, subject), others: false };
}
