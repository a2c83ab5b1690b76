import type { Command, Subject } from './command.js';
import { KIND } from './feelings.js';
import { isNumber, itemIndex, namesItem, shortened, splitAfterItem } from './items.js';
import { inEnglish } from './languages.js';
import { isThing } from './looks.js';
import { commands } from './list.js';
import { replace } from './replace.js';
import { distance, verbMeant } from './spelling.js';

/** What people ask for in words that are no command, and how they get it. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:(?:i )?(?:don't|dont|do not) want (?:you to|.+ (?:to be|removed|deleted|moved|changed)\b)|don't|dont|do not|never|leave|spare|you (?:should ?n't|should not|must not)|no need to) ?|^.{1,40}? (?:(?:should|must|has to|needs to) (?:stay|remain|not|be left)|stays\b)/i,
    'nothing is done to what you do not name: to go back say "undo"',
  ],
  [
    /^(?:undo|go (?:back )?to|back to|show|use|open) (?:the )?(?:picture |version |step |number )?\d+$/i,
    'to go on from an older picture, reply to it: say "history" for all of them, "undo" for one step back',
  ],
  [
    /^(?:un(?:delete|remove|hide)|restore|recover|(?:bring|put|give|get|i want)(?: me)? .+ back$|bring back)\b/i,
    'what was taken away comes back by "undo", or by a reply to an older picture: "history" shows them all',
  ],
  [
    /^(?:do )?(?:the )?same\b/i,
    'say it again with that item, for example "make 2 red", or "again" for the last edit once more',
  ],
  [
    /\b(?:ugly|bad|wrong|hate|awful|terrible|weird|worse|horrible|not (?:good|right|nice|what)|(?:do not|don't|didn't|did not) (?:like|want|work|look))\b/i,
    'to go back say "undo", for another try say "again"',
  ],
  [
    /^(?:(?:remove|delete|erase|change|replace|get rid of) )?(?:everything|all(?: of (?:it|them))?)(?: .*)?$/i,
    'one item at a time: say for example "remove 2" or "remove 2 and 3", or "show" for their numbers',
  ],
  [
    /^(?:what (?:happens|would happen|if)|how would|what would|should (?:i|we|the)|do you think|would it|is it (?:ok|safe))\b/i,
    'try it, since "undo" takes everything back: say for example "remove 2" or "make 2 red"',
  ],
  [
    /^(?:it|that|this) (?:was|looked) better|^i (?:liked?|preferr?e?d?) (?:it|the (?:previous|old|last|first|other))\b.*|^(?:i )?(?:did ?n't|did not|didnt) (?:mean|want) (?:that|this|it)|^not (?:that|this)(?: one)?$|^(?:oops|no+)$|^you removed\b/i,
    'to go back say "undo", all the way "start over"; "history" lists every picture',
  ],
  [
    /^(?:it|that|you|nothing)(?: did| didn't| didnt)? ?(?:nothing|happened|changed|work)\b|\bstill (?:there|here)$/i,
    'for another try say "again", to see what changed "compare"',
  ],
  [
    /\b(?:back ?ground|bg)$/i,
    'say for example "replace the background with a beach", "blur the background" or "make the background white"',
  ],
  [
    /^(?:resize|upscale|enlarge|scale|increase|reduce|make|straighten) (?:the )?(?:resolution|(?:whole )?(?:picture|image|photo|canvas))\b/i,
    'the picture keeps its size: "crop to 2" cuts it down, "resize 2 150%" is for an item, "export" sends it as a file',
  ],
  [
    /^(?:more|fewer|less) (?:steps|guidance|strength)|^(?:better|higher|more|improve) (?:quality|detail)|^(?:faster|slower|sharper)$/i,
    'say how many steps an edit takes, for example "steps 30", or how closely it follows its words, "guidance 6"',
  ],
  [
    /\b(?:contrast|exposure|quality|shadows|highlights)\b|^(?:improve|enhance|fix|correct|retouch|beautify)\b/i,
    'of light and colour I know brighter, darker, warmer, cooler, sharper, more or less saturated, more or less contrast: say for example "make everything brighter"',
  ],
  [
    /^less (?:blur|blurry|blurred)$|^(?:blur|blurred) less$|\bless (?:blurred|blurry)$/i,
    'what was blurred comes back by "undo": then say for example "blur the background a little"',
  ],
  [
    /^more (?:blur|blurry|blurred)$/i,
    'say of what, for example "blur the background", once more if you like',
  ],
  [
    /^(?:zoom|insert)\b|^(?:add|put|place) (?:an?|some|more) /i,
    'there is no word for that yet, say for example "replace 3 with a cat", "resize 3 150%", "move 3 left 40", or "help" for all there is',
  ],
  [
    /^(?:draw|create|generate|imagine|make me|paint me|give me|i want) an? /i,
    'I change what is in the picture: say for example "replace 3 with a cat", or send another picture',
  ],
];

/** One line for a message that is no command: what to say instead. */
export function refusal(text: string, subject: Subject): string {
  const quoted = `"${shortened(text)}"`;
  const kind = KIND.find(([pattern]) => pattern.test(text))?.[1];
  if (kind)
    return `${kind} say what to change, for example "replace 3 with a cat", "undo" to go back, or "help" for all there is`;
  const english = inEnglish(text);
  if (english)
    return `I read English: say for example "${english}". Numbers and emoji are the same everywhere: "3 🐶"`;
  const advice = ADVICE.find(([pattern]) => pattern.test(text))?.[1];
  if (advice) return `I do not understand ${quoted}: ${advice}`;
  if (isNumber(text) || namesItem(text, subject)) {
    const item = isNumber(text) ? /\d+/.exec(text)![0].slice(0, 3) : text;
    return `what about ${quoted}? say for example "replace ${item} with a cat", "remove ${item}" or "make ${item} red"`;
  }
  const pair = /^(\d)(?: and | ?& ?|, ?| )(\d)$/.exec(text)?.slice(1).join(' and ');
  if (pair)
    return `what about ${quoted}? say for example "swap ${pair}", "merge ${pair}" or "remove ${pair}"`;
  // after a replacement "a tiger" is likely what is to be there instead
  if (subject.done?.kind === 'replace' && isThing(text) && text.length < 40)
    return `what of ${quoted}? say "replace ${subject.done.item + 1} with ${text}"`;
  const half = halfSaid(text);
  if (half) return `${quoted} is not all of it: say for example "${completed(half, text, subject)}"`;
  const { item, words } = splitAfterItem(text, subject);
  // "I want the dog removed"
  if (namesItem(item, subject) && /^(?:removed|deleted|erased|hidden)$/i.test(words))
    return `what of ${quoted}? say "remove ${item}"`;
  const isWish =
    words.length < 40 &&
    !/^(?:is|are|was|were|has|had|have|looks?|seems?|and|or|of|on|in|at|should|must|can|could|may|will|would|does|do|did|doesn't|don't|isn't|not|next|stays?|needs?|bothers?|please)\b/i.test(
      words,
    );
  if (isWish && namesItem(item, subject) && /^\p{L}[\p{L}\p{N} '-]*$/u.test(words))
    return `what of ${quoted}? say "replace ${item} with ${words}" or "make ${item} ${words}"`;
  const object = /^\p{L}+ (.+)$/u.exec(text)?.[1];
  if (object && namesItem(object, subject)) {
    const number = itemIndex(object, subject) + 1;
    return `I do not understand ${quoted}: of item ${number} say for example "replace ${number} with a cat", "make ${number} red", "move ${number} left 40" or "remove ${number}"`;
  }
  return `I do not understand ${quoted}: say for example "${likely(text).examples[0]}", or "help" for all there is`;
}

/** The command whose verb a message begins with, and then does not go on as it does. */
const halfSaid = (text: string): Command | undefined => {
  const first = /^\S+/.exec(text.toLowerCase())?.[0] ?? '';
  const find = (verb: string) => commands.find(({ verbs = [] }) => verbs.includes(verb));
  // "cut out" is two words
  const named = commands.find(({ name }) => name.includes(' ') && text.toLowerCase().startsWith(name));
  if (named && !/^forget/.test(named.name)) return named;
  if (/^(?:get rid|take)\b/i.test(text)) return find('remove');
  return find(first) ?? (first.length > 4 ? find(verbMeant(first, ALL_VERBS) ?? '') : undefined);
};

const ALL_VERBS = commands.flatMap(({ verbs = [] }) => verbs);

/** A command's example, with the item the person spoke of. */
function completed({ examples }: Command, text: string, subject: Subject): string {
  const number = /\d+/.exec(text)?.[0];
  const there = number && Number(number) >= 1 && Number(number) <= subject.items.length;
  return there ? examples[0]!.replace(/\b3\b/, number) : examples[0]!;
}

// nobody is led to losing pictures, or to what cannot be done
const OFFERED = commands
  .filter(({ name }) => !/^(?:forget|select|add|paste|help|mark)/.test(name))
  .map((command) => {
    const { name, help, examples } = command;
    const known = [
      name,
      ...help.toLowerCase().split(/[^a-z]+/),
      ...examples.join(' ').toLowerCase().split(' '),
    ];
    return { command, known: new Set(known) };
  });

/** The command that shares most words with the message, or is spelt most like them. */
function likely(text: string): Command {
  const words = text
    .toLowerCase()
    .split(' ', 12)
    .filter((word) => word.length > 3);
  let [best, most] = [replace, -Infinity];
  for (const { command, known } of OFFERED) {
    const shared = words.filter((word) => known.has(word)).length;
    const { name } = command;
    const spelt = words
      .filter((word) => word.length < 2 * name.length) // others are farther off than its whole length
      .map((word) => distance(word, name) / name.length);
    const nearest = Math.min(1, ...spelt);
    // a word of which most letters are others is not misspelt
    const score = shared - (nearest <= 0.5 ? nearest : 1);
    // `replace` is what one says who knows nothing else
    if (score > most || (score === most && command === replace)) [best, most] = [command, score];
  }
  return best;
}
