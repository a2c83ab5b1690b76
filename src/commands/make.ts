import { lookOf } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { lookAmounts } from './amounts.js';
import { asEdit, type Action, type Command, type Subject } from './command.js';
import { GLANCE } from './elide.js';
import { itemIndex, leadingItem, meant, namesItem, splitAfterItem } from './items.js';
import { isLook, isVessel } from './looks.js';
import { GROUND, PICTURE } from './several.js';

const VERBS = ['make', 'paint', 'color', 'colour', 'recolor', 'recolour', 'dye', 'tint'];
const VERB = new RegExp(`^(?:${VERBS.join('|')}) (?!me )(?:only |just )?(.+)$`, 'i');
/** "brighten 3" makes it brighter. */
const LIGHT = /^(bright|light|dark)en (?:up )?(.+)$/i;
const COLOUR_OF = /^(?:change|make|set|turn) (?:the )?colou?r of (.+)$/i;
const ITS_COLOUR = /^(?:change|make|set|turn) (.+?)'?s colou?r (.+)$/i;
/** "change 3 to dark blue", "turn the dog red": a look, where replace.ts takes a thing. */
const CHANGE = /^(?:change|turn|switch|set|fill) (.+)$/i;
const INTO = /^(?:change|turn|switch|set|fill) (.+?) (?:to|into|in|with) (.+)$/i;
/** "give 3 a hat", "put a hat on 3", "add a hat to 3". */
const GIVE = /^give (?!me )(.+?) ((?:an?|some|two) .+|\p{L}{3,}s)$/iu;
const ONTO =
  /^(?:put|add|draw|paint) ((?:an?|some) .+?|\p{L}{3,}s) (?<!next |close |closer |near )(?:on|to|onto) (?!the (?:left|right|top|bottom)\b)(.+)$/iu;
/** "a blue cup", "white background": how an item is to look, before its name. */
const LOOKING = /^(?:an? )?(.+)$/i;
/** After an item: "should be blue", "to look happy", "wears a hat". */
const BE =
  /^(?:(?:should|must|needs to|has to|to|could|can) )?(?:(?:be(?: made)?|become|get)(?= (?!left\b|kept\b|untouched\b|there\b|here\b))|(?=(?:look|wear|have|wearing|with) )) ?(.+)$/i;

/** "fill the cup with coffee": see replace.ts. */
const FILL = /^fill (?:up )?(.{1,41}?) (?:up )?with (.+)$/i;

const THEIRS = /^(?:her|his|its|their)$/i;
const VERBAL = /^(?:look|seem|appear|feel|be|become|get|turn|stay|act|very|really|all|much|less|more|some)$/i;
const OF_THEIRS = /^(\p{L}{3,}) \p{L}/u;

export const make: Command = {
  name: 'make',
  help: 'keep an item but say what is different about it',
  examples: ['make 3 red', 'make item 2 look happy', '3 should be blue'],
  verbs: [...VERBS, 'brighten', 'lighten', 'darken'],
  parse: (text, subject) =>
    made(text, subject) ?? changed(text, subject) ?? given(text, subject) ?? described(text, subject),
};

const augment = (item: string, words: string, subject: Subject): Action => {
  // "paint 3 in blue", "make 3 to be blue"
  const thing = THEIRS.test(item) ? OF_THEIRS.exec(words)?.[1] : undefined;
  const coloured = words.slice((thing ?? '').length + 1).replace(/^(?:to|into|in) /i, '');
  // "make her coat red" is about the coat, "make her look happy" about her
  if (thing && !isLook(thing) && !VERBAL.test(thing) && isLook(coloured))
    return augment(`${item} ${thing}`, coloured, subject);
  const plain = words.replace(/^(?:to be|to|into|be|->|:) /i, '');
  const look = lookAmounts(plain.replace(/^in /i, '')).replace(SHADE, '$1$2 ');
  if (PICTURE.test(item) && !namesItem(item, subject))
    throw new UserError(
      'all of the picture can be brighter, darker, warmer, cooler, sharper, black and white: say "make everything warmer"; other looks are an item\'s, for example "make 2 red"',
    );
  const index = itemIndex(item, subject);
  doubted(plain, index, subject);
  // colours and light are the picture's own affair; what else is said of an item is drawn
  if (lookOf(look)) return asEdit({ kind: 'look', items: [index], others: false, words: look });
  return asEdit({ kind: 'augment', item: index, words: isLook(look) ? look : plain });
};

/** "a darker shade of red", "a deeper blue". */
const SHADE =
  /^(?:an? )?(?:(deep|dark|light|bright|soft|strong)(?:er)? (?:shade|tone|tint|hue) of |(deep|dark|light|bright|soft|strong)er )(?=\p{L}+$)/iu;
/** What is told by another item: its own size and colour are the picture's, and no words. */
const AS_OTHER =
  /^(?:exactly |just )?(?:(?:(?:the )?same|as) (?:(size|big|large|tall|small|high|wide)|colou?r)\b|(bigger|smaller|larger|taller) than |(?:look |looking )?(?:just |exactly )?like (?:the |that |this )?(?:.{0,30} )?(?:in|from|of) (?:the )?(?:(?:picture |reference )?([B-I])|(?:reference|other|second)(?: (?:picture|image|photo|one))?)$)/i;

/** @throws UserError where the words say no look that could be drawn */
function doubted(words: string, index: number, subject: Subject): void {
  const number = index + 1;
  const [one, other] = words.split(/,? or (?:maybe |perhaps )?/i, 2).map((look) => look.replace(/^in /i, ''));
  if (one && other && isLook(one) && isLook(other))
    throw new UserError(`one or the other? say "make ${number} ${one}" or "make ${number} ${other}"`);
  const [said, size, than, letter] = AS_OTHER.exec(words) ?? [];
  if (said === undefined) return;
  if (size || than) throw new UserError(`how large is that? say for example "resize ${number} 150%"`);
  if (/colou?r/i.test(said))
    throw new UserError(`which colour is that? say for example "make ${number} blue"`);
  const { references = [] } = subject;
  if (references.length > 0)
    throw new UserError(
      `an item takes the place of another, and its look with it: say for example "replace ${number} with ${letter ?? references[0]!.letter}1"`,
    );
}

function made(text: string, subject: Subject): Action | undefined {
  const [, owner, colour] = ITS_COLOUR.exec(text) ?? [];
  if (owner && colour) return augment(owner, colour, subject);
  const [, light, lit] = LIGHT.exec(text) ?? [];
  if (light && lit) return augment(lit, `${light.toLowerCase()}er`, subject);
  const rest = (COLOUR_OF.exec(text) ?? VERB.exec(text))?.[1];
  if (!rest) return undefined;
  const { item, words } =
    qualified(rest, subject) ?? splitAfterItem(rest.replace(/^(?:item|number) (\d+)/i, '$1'), subject);
  if (!words) throw new UserError('make it what? say for example "make 3 red"');
  return augment(item, words, subject);
}

/** "the grey dog brown": an item with more words than its name, and a look. */
function qualified(text: string, subject: Subject): { item: string; words: string } | undefined {
  const all = text.split(' ', LONGEST_LOOK + 5);
  if (leadingItem(text, subject) !== undefined) return undefined;
  for (let n = all.length - 1; n >= 2; n--) {
    const [item, words] = [all.slice(0, n).join(' '), all.slice(n).join(' ')];
    if (isLook(words) && !isLook(item.replace(/^\w+ /, '')) && meant(item, subject) !== undefined)
      return { item, words };
  }
  return undefined;
}

function changed(text: string, subject: Subject): Action | undefined {
  const [, whole, look] = INTO.exec(text) ?? [];
  if (whole && look && isLook(look) && !PICTURE.test(whole)) return augment(whole, look, subject);
  const { item, words } = splitAfterItem(CHANGE.exec(text)?.[1] ?? text, subject);
  return isLook(words.replace(/^(?:to|into|in) /i, '')) && namesItem(item, subject)
    ? augment(item, words, subject)
    : undefined;
}

/** "blue cup please": a look and then an item; "the blue cup" is only spoken of. */
function described(text: string, subject: Subject): Action | undefined {
  const words = LOOKING.exec(text)![1]!.split(' ', LONGEST_LOOK + 4);
  if (/^(?:the|my|this|that)$/i.test(words[0]!) || namesItem(text, subject)) return undefined;
  for (let n = Math.min(words.length - 1, LONGEST_LOOK); n >= 1; n--) {
    const [look, item] = [words.slice(0, n).join(' '), words.slice(n).join(' ')];
    if (!lookOf(look) || !(namesItem(item, subject) || GROUND.test(item))) continue;
    return asEdit({ kind: 'look', items: [itemIndex(item, subject)], others: false, words: look });
  }
  return undefined;
}

/** Words of the longest look: "a little more colourful". */
const LONGEST_LOOK = 4;

function given(text: string, subject: Subject): Action | undefined {
  const [, vessel, content] = (text.length <= GLANCE && FILL.exec(text)) || [];
  if (vessel && content && isVessel(vessel)) return augment(vessel, `filled with ${content}`, subject);
  const [, who, what] = GIVE.exec(text) ?? [];
  if (who && what) return augment(who, `with ${what}`, subject);
  const [, thing, onto] = ONTO.exec(text) ?? [];
  if (thing && onto) return augment(onto, `with ${thing}`, subject);
  const { item, words } = splitAfterItem(text.replace(/^(?:let|have) /i, ''), subject);
  const look = BE.exec(words)?.[1];
  return look && namesItem(item, subject) ? augment(item, look, subject) : undefined;
}
