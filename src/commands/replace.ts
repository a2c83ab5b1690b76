import { type ItemSource, itemsIn, type SingleEdit } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { lookAmounts } from './amounts.js';
import { type Action, asEdit, type Command, type Subject } from './command.js';
import { itemIndex, isNumber, meant, namesItem, NUMBER, splitAfterItem } from './items.js';
import { isLook, isThing, isVessel } from './looks.js';
import { sourceNamed, thereOnly } from './references.js';

const VERBS = ['replace', 'change', 'turn', 'convert', 'transform', 'substitute', 'exchange', 'fill'];
const WITH = '(?:with|w\\/?|wiht|whit|wit|by|into|to|for|as|->)';
const PATTERNS = [
  /^(?:substitute|swap in|put in) (?<prompt>(?:an?|some) .+?) for (?<item>.+)$/i,
  new RegExp(
    `^(?:${VERBS.join('|')}|swap out|switch out) (?<item>.+?)(?: out)? ${WITH} (?:be )?(?<prompt>.+)$`,
    'i',
  ),
  new RegExp(
    `^(?:swap|switch|trade) (?<item>.+?)(?: out)? (?:${WITH} (?=an? |some )|for )(?<prompt>.+)$`,
    'i',
  ),
  new RegExp(`^replace (?<item>${NUMBER})[ ,:]+(?!${WITH}\\W*$)(?<prompt>.+)$`, 'i'),
];
/** "3: a pizza", "3 = pizza", "3 🐶", "3 :dog:". */
const SHORT = new RegExp(
  `^(?<item>${NUMBER})(?: ?(?=[\\p{Extended_Pictographic}\\p{RI}]|:\\w+:$)| ?(?::(?!\\d|\\w+:$)|[=>]) ?| - )(?<prompt>.+)$`,
  'iu',
);
/** "put a cat where 3 is", "a cat instead of the dog", "put a cat in 3's place". */
const WHERE = [
  /^(?<verb>(?:put|place|draw|show|have|use|give me) )?(?<prompt>.+?) (?:where (?=.+ (?:is|was|are|were)$)|instead of |in (?:the )?place of |in lieu of )(?<item>.+?)(?: (?:is|was|are|were))?$/i,
  /^(?:put|place|draw) (?<prompt>.+?) in (?<item>.+)'s (?:place|spot|position)$/i,
];
/** "you removed the bag instead of the dog", "looks blurry where 3 was": said of something, and nothing to draw. */
const SAID_OF =
  /^(?:i|you|we|it|it's|its|he|she|they|this|that|that's|there|there's|looks?|still|why|what|how|when|who|is|are|was|not|no)\b|(?:^| )(?:the|my|her|his|its|it) |^\S+ \S+ \S+ /i;
/** What people feel about an item: no picture of it is wanted in its place. */
const FEELINGS = /^(?:[👍👎👌👏🙏🤮😡😠😢😭😕🙁☹💯❓❔❗✅]\uFE0F?|\p{EMod}| )+$/u;
/** "3: no", "3: keep it" */
const NO_THING =
  /^(?:no|nope|yes|yeah|ok|okay|fine|good|nice|bad|same|nothing|unchanged|thanks|please|(?:keep|leave|don't|dont|do not|not|stays?|must|should|can|is)\b.{0,30})$/i;
/** "make 3 a pizza", "let 3 be a pizza", "3 should be a pizza": a thing, where make.ts takes a look. */
const MAKE = /^(?:make|let|have) (.+)$/i;
/** "use the sky from B", "use B2 as the background": what is brought, and what it is for. */
const USE =
  /^(?:use|take|get|have) (?<prompt>.+?)(?: (?:as|for|instead of|in place of) (?:(?:the|a|my) (?=back ?ground|bg$|sky$))?(?<item>.+))?$/i;
/** "I want a beach as background". */
const AS_GROUND =
  /^(?:(?:have|use|put|set|add|with) )?(?<prompt>.+?) (?:as|for) (?:the |a |my )?(?:new )?(?<item>back ?ground|bg|backdrop)$/i;
/** "new background: a beach", "background: a beach". */
const NEW_GROUND =
  /^(?:(?:a )?(?:new|different|another) |(?:the )?(?=back ?ground ?[:=]|bg ?[:=]))(?<item>back ?ground|bg|backdrop) ?(?:[:,=-]|with|of)? ?(?<prompt>.+)$/i;
const ARROW = /^(?<item>.+?) ?-> ?(?<prompt>.+)$/;

export const replace: Command = {
  name: 'replace',
  help: 'put something else in the place of an item',
  examples: [
    ...['replace 3 with a golden retriever', '3 -> a pizza', '3 🐶', 'turn the dog into a cat'],
    ...['replace 3 with 2', 'replace 3 with B2', 'replace the dog with the one in B'],
    ...['replace 2 with B1 and 3 with a cat', 'replace 3 with B2 in red', 'replace 3 with B2 or B3'],
  ],
  verbs: VERBS,
  parse(text, subject) {
    const strip = choices(text, subject) ?? used(text, subject);
    if (strip) return strip;
    const edits = several(text, subject).map((part) => replacement(part, subject));
    if (edits.includes(undefined)) return undefined;
    const [first, ...more] = edits as SingleEdit[];
    if (more.length === 0) return asEdit(first!);
    const items = edits.flatMap((edit) => (edit ? itemsIn(edit)[0]! : []));
    const twice = items.find((item, i) => items.indexOf(item) !== i);
    if (twice !== undefined)
      throw new UserError(
        `item ${twice + 1} is to become two things: say one of them, for example "replace ${twice + 1} with a cat"`,
      );
    return asEdit({ kind: 'together', edits: [first!, ...more] });
  },
};

/** More pictures side by side than this are too small to tell apart. */
const MOST = 8;

/** "replace 3 with B2, C1 or C2": a picture for each, side by side. */
function choices(text: string, subject: Subject): Action | undefined {
  if (!/ or /i.test(text)) return undefined;
  const [item, prompt] = said(text, subject) ?? [];
  if (item === undefined || prompt === undefined) return undefined;
  const names = prompt.split(/(?:,? or |, ?)/i);
  if (!names.every((name) => /^[B-I] ?\d{1,3}$/i.test(name))) return undefined;
  const index = itemIndex(item, subject);
  const edits = names.map((name): SingleEdit => ({
    ...{ kind: 'replaceWith', item: index, with: sourceNamed(name, subject)! },
  }));
  if (edits.length > MOST)
    throw new UserError(`a strip has at most ${MOST} pictures: say for example "replace 3 with B1 or B2"`);
  return { kind: 'series', edits, labels: names.map((name) => name.toUpperCase().replace(' ', '')) };
}

/** "use the sky from B": of a reference, in the place of what is called so here, or of what it is to be instead of. */
function used(text: string, subject: Subject): Action | undefined {
  const { prompt, item } = (USE.exec(text)?.groups ?? {}) as Partial<Said>;
  const source = prompt === undefined ? undefined : sourceNamed(prompt, subject);
  if (prompt === undefined || !source) return undefined;
  const like = item ?? prompt.replace(FROM, '');
  // "use B2" says neither
  if (like === prompt) return asEdit({ kind: 'put', from: source });
  return asEdit({ kind: 'replaceWith', item: itemIndex(like, subject), with: source });
}

const FROM = / (?:in|of|from|on|out of) (?:\S+ ){0,3}\S+$/i;

const NEXT = /(?:,? and |, ?)(?=(?:the |my )?(.{1,40}?) (?:with|by|to|into|for) )/gi;

/** "replace 2 with B1 and 3 with a cat" as "replace 2 with B1" and "replace 3 with a cat". */
function several(text: string, subject: Subject): string[] {
  const verb = new RegExp(`^(?:${VERBS.join('|')}) `, 'i').exec(text)?.[0];
  if (!verb) return [text];
  const parts: string[] = [];
  let start = verb.length;
  for (const { 0: joint, 1: next = '', index } of text.matchAll(NEXT)) {
    if (!isNumber(next) && !namesItem(next, subject)) continue;
    parts.push(text.slice(start, index));
    start = index + joint.length;
  }
  return [...parts, text.slice(start)].map((part) => `${verb}${part}`);
}

function replacement(text: string, subject: Subject): SingleEdit | undefined {
  const found = said(text, subject);
  if (!found) return undefined;
  const [item, prompt] = found;
  const index = itemIndex(item, subject);
  const { name } = subject.items[index]!;
  const brought =
    sourceNamed(prompt, subject, name) ?? sourceLooking(prompt, subject, name) ?? thereOnly(prompt, subject);
  if (brought) {
    const { words, ...source } = { words: undefined, ...brought };
    return { kind: 'replaceWith', item: index, with: source, ...(words ? { words } : {}) };
  }
  // "the right car" is one that is there
  if (/^(?:the|my|that) /i.test(prompt) && namesItem(prompt, subject) && itemIndex(prompt, subject) !== index)
    return { kind: 'replaceWith', item: index, with: { item: itemIndex(prompt, subject) } };
  // "3 > 2" may mean anything
  if (isNumber(prompt) && /^(?:replace|substitute|exchange) /i.test(text))
    return { kind: 'replaceWith', item: index, with: another(prompt, index, subject) };
  if (isNumber(prompt))
    throw new UserError(
      `replace it with what? say it in words, for example "replace ${index + 1} with a cat", or "swap 2 and 4"`,
    );
  if (!/[\p{L}\p{N}\p{Extended_Pictographic}\p{RI}]/u.test(prompt)) return undefined;
  if (
    (FEELINGS.test(prompt) || (NO_THING.test(prompt) && SHORT.test(text))) &&
    !/^(?:replace|change|turn) /i.test(text)
  )
    return undefined;
  // Slack's way of writing an emoji
  const words = prompt.replace(/:(\w+):/g, (_, emoji: string) => emoji.replace(/_/g, ' '));
  return { kind: 'replace', item: index, prompt: words.replace(/ (?:once )?again$/i, '').trim() };
}

const LOOKING = /,? (?:in|but|only|with|wearing|made of|made|as) /gi;

/** "B2 in red", "the hat from B, but darker": an item of a reference, and what is different about it. */
function sourceLooking(
  prompt: string,
  subject: Subject,
  like: string,
): (ItemSource & { readonly words: string }) | undefined {
  for (const { 0: joint, index } of prompt.matchAll(LOOKING)) {
    const source = sourceNamed(prompt.slice(0, index), subject, like);
    const how = prompt.slice(index + joint.length);
    const look = lookAmounts(how);
    if (source)
      return {
        ...source,
        words: isLook(look) ? look : prompt.slice(index).replace(/^,? (?:but |only )?/, ''),
      };
  }
  return undefined;
}

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
  if (verb && /^fill /i.test(text) && isVessel(verb.item)) return undefined;
  if (verb) return /^replace/i.test(text) || !isLook(verb.prompt) ? [verb.item, verb.prompt] : undefined;
  const short = first([SHORT]);
  if (short) return [short.item, short.prompt];
  const arrow = first([ARROW]);
  // "3 red -> ..." is not an item; words before an arrow that name nothing are refused with the list of items
  if (arrow && (namesItem(arrow.item, subject) || /^[\w# ]+$/.test(arrow.item)))
    return [arrow.item, arrow.prompt];
  const where = first(WHERE);
  if (where && isThere(where.prompt, subject))
    throw new UserError('where exactly? say for example "move 3 next to 4", or "swap 3 and 4"');
  const isOther = where && (where.verb || isThing(where.prompt) || !SAID_OF.test(where.prompt));
  if (isOther && !isNumber(where.prompt)) return [where.item, where.prompt];
  const behind = first([AS_GROUND, NEW_GROUND]);
  if (behind && !namesItem(behind.prompt, subject)) return [behind.item, behind.prompt];
  return become(text, subject);
}

/** Whether the words are an item that is to go elsewhere, and not another one: "the bag". */
const isThere = (prompt: string, subject: Subject): boolean =>
  /^(?:the|my|her|his|it|that|this)\b/i.test(prompt) && meant(prompt, subject) !== undefined;

interface Said {
  readonly verb?: string;
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
