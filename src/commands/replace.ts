import { UserError } from '../engine/errors.js';
import { asEdit, type Command, type Subject } from './command.js';
import { itemIndex, isNumber, namesItem, NUMBER, splitAfterItem } from './items.js';
import { isLook, isThing } from './looks.js';
import { sourceNamed } from './references.js';

const VERBS = ['replace', 'change', 'turn', 'convert', 'transform', 'substitute', 'exchange'];
const WITH = '(?:with|w\\/|wiht|whit|wit|by|into|to|for|as|->)';
const PATTERNS = [
  /^(?:substitute|swap in|put in) (?<prompt>(?:an?|some) .+?) for (?<item>.+)$/i,
  new RegExp(
    `^(?:${VERBS.join('|')}|swap out|switch out) (?<item>.+?)(?: out)? ${WITH} (?:be )?(?<prompt>.+)$`,
    'i',
  ),
  new RegExp(`^(?:swap|switch|trade) (?<item>.+?)(?: out)? ${WITH} (?<prompt>(?:an?|some) .+)$`, 'i'),
  new RegExp(`^replace (?<item>${NUMBER})[ ,:]+(?!${WITH}\\W*$)(?<prompt>.+)$`, 'i'),
];
/** "3: a pizza", "3 = pizza", "3 🐶", "3 :dog:". */
const SHORT = new RegExp(
  `^(?<item>${NUMBER})(?: ?(?=[\\p{Extended_Pictographic}\\p{RI}]|:\\w+:$)| ?(?::(?!\\d|\\w+:$)|[=>]) ?| - )(?<prompt>.+)$`,
  'iu',
);
/** "put a cat where 3 is", "a cat instead of the dog", "put a cat in 3's place". */
const WHERE = [
  /^(?:(?:put|place|draw|show|have|use|give me) )?(?<prompt>.+?) (?:where (?=.+ (?:is|was|are|were)$)|instead of |in (?:the )?place of |in lieu of )(?<item>.+?)(?: (?:is|was|are|were))?$/i,
  /^(?:put|place|draw) (?<prompt>.+?) in (?<item>.+)'s (?:place|spot|position)$/i,
];
/** "make 3 a pizza", "let 3 be a pizza", "3 should be a pizza": a thing, where make.ts takes a look. */
const MAKE = /^(?:make|let|have) (.+)$/i;
const ARROW = /^(?<item>.+?) ?-> ?(?<prompt>.+)$/;

export const replace: Command = {
  name: 'replace',
  help: 'put something else in the place of an item',
  examples: [
    ...['replace 3 with a golden retriever', '3 -> a pizza', '3 🐶', 'turn the dog into a cat'],
    ...['replace 3 with 2', 'replace 3 with B2', 'replace the dog with the one in B'],
  ],
  verbs: VERBS,
  parse(text, subject) {
    const found = said(text, subject);
    if (!found) return undefined;
    const [item, prompt] = found;
    const index = itemIndex(item, subject);
    const source = sourceNamed(prompt, subject, subject.items[index]!.name);
    if (source) return asEdit({ kind: 'replaceWith', item: index, with: source });
    // "3 > 2" may mean anything
    if (isNumber(prompt) && /^(?:replace|substitute|exchange) /i.test(text))
      return asEdit({ kind: 'replaceWith', item: index, with: another(prompt, index, subject) });
    if (isNumber(prompt))
      throw new UserError(
        `replace it with what? say it in words, for example "replace ${index + 1} with a cat", or "swap 2 and 4"`,
      );
    if (!/[\p{L}\p{N}\p{Extended_Pictographic}\p{RI}]/u.test(prompt)) return undefined;
    // Slack's way of writing an emoji
    const words = prompt.replace(/:(\w+):/g, (_, name: string) => name.replace(/_/g, ' '));
    return asEdit({ kind: 'replace', item: index, prompt: words.trim() });
  },
};

/** Another item of the same picture. */
function another(written: string, index: number, subject: Subject): { item: number } {
  const item = itemIndex(written, subject);
  if (item !== index) return { item };
  throw new UserError(
    `item ${index + 1} is there already: say it in words, for example "replace ${index + 1} with a cat", or name another item`,
  );
}

/** The item and what is to be put there, as written. */
function said(text: string, subject: Subject): readonly [string, string] | undefined {
  const first = (patterns: readonly RegExp[]) =>
    patterns.map((pattern) => pattern.exec(text)?.groups as Said | undefined).find(Boolean);
  const verb = first(PATTERNS);
  // "change 3 to blue" keeps it: see make.ts
  if (verb) return /^replace/i.test(text) || !isLook(verb.prompt) ? [verb.item, verb.prompt] : undefined;
  const short = first([SHORT]);
  if (short) return [short.item, short.prompt];
  const arrow = first([ARROW]);
  // "3 red -> ..." is not an item; words before an arrow that name nothing are refused with the list of items
  if (arrow && (namesItem(arrow.item, subject) || /^[\w# ]+$/.test(arrow.item)))
    return [arrow.item, arrow.prompt];
  const where = first(WHERE);
  if (where && !isNumber(where.prompt)) return [where.item, where.prompt];
  return become(text, subject);
}

interface Said {
  readonly item: string;
  readonly prompt: string;
}

function become(text: string, subject: Subject): readonly [string, string] | undefined {
  const rest = MAKE.exec(text)?.[1] ?? text;
  const { item, words } = splitAfterItem(rest, subject);
  const [, , into, thing] =
    /^((?:should|shall|must|needs to|has to|to|could|can) )?(?:(into|be|become|becomes|turn into) )?(.+)$/i.exec(
      words,
    ) ?? [];
  if (!thing || !namesItem(item, subject)) return undefined;
  return isThing(thing) || (/into/i.test(into ?? '') && !isLook(thing)) ? [item, thing] : undefined;
}
