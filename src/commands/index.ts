import { type Edit, FOUND, withItemAs } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { Asking, MISSING } from './asking.js';
import type { Action, Command, Subject } from './command.js';
import { corrected } from './corrected.js';
import { dotted, elided } from './elide.js';
import { isThingToFind } from './findable.js';
import { instead, TAKES_BACK } from './instead.js';
import { shortened, UnclearItem, UnknownItem } from './items.js';
import { inEnglish } from './languages.js';
import { isLook } from './looks.js';
import { commands, groups, losing, taking } from './list.js';
import { normalise } from './normalise.js';
import { refusal } from './refusal.js';
import { remove } from './remove.js';
import { sentences } from './sentences.js';
import { near, verbOf } from './spelling.js';

export { commands } from './list.js';

/** Longer messages are prose. */
const LONGEST = 1000;
/** One thing that a message asks for, and the part of it that does. */
export interface Understood {
  readonly action: Action;
  readonly said: string;
}

/**
 * What a message asks for, in order.
 * @throws UserError when some of it is not understood or cannot be done; then nothing of it is done
 */
export function understood(message: string, subject: Subject): Understood[] {
  // no normal form is shorter than half of what was written
  if (message.length > 2 * LONGEST || message.normalize('NFKC').length > LONGEST)
    throw new UserError(
      `that is too long to be an edit: say it in fewer than ${LONGEST} characters, as "replace 3 with a cat"`,
    );
  return read(message, subject);
}

/**
 * `understood` without its limit. Its work grows with the length of the text and no faster: sentences are few, and what
 * patterns see of one is bounded (elide.ts).
 */
export function read(message: string, subject: Subject): Understood[] {
  const parts = sentences(corrected(message, subject), subject);
  if (parts.length === 0)
    throw new UserError('say what to change, for example "replace 3 with a cat", or "help"');
  return parts.map((said, i) => {
    try {
      return { action: parseOne(normalise(said), subject, TAKES_BACK.test(said)), said };
    } catch (error) {
      if (!(error instanceof Asking) || parts.length === 1) throw error;
      throw new Asking(error.message, parts.with(i, error.asked).join('\n'), error.called);
    }
  });
}

/** The actions of `understood`. @throws UserError as it does */
export const parse = (message: string, subject: Subject): Action[] =>
  understood(message, subject).map(({ action }) => action);

/**
 * The one edit a message asks for, for callers without a session.
 * @throws UserError as `parse`, and when the message asks for something else
 */
export function parseEdit(message: string, subject: Subject): Edit {
  const [action, ...more] = parse(message, subject);
  if (action?.kind !== 'edit' || more.length > 0)
    throw new UserError(
      `"${shortened(normalise(message))}" is not one edit of the picture: say for example "replace 2 with a cat"`,
    );
  return action.edit;
}

/** @param takesBack whether words before it take back what was understood */
function parseOne(whole: string, subject: Subject, takesBack = false): Action {
  const { text, restore } = elided(whole);
  try {
    const action =
      tryAll(text, subject) ??
      (takesBack ? instead.parse(`I meant ${text}`, subject) : undefined) ??
      tryRespelt(text, subject);
    if (action) return restore(action);
    throw new UserError(refusal(text, subject));
  } catch (error) {
    const found =
      error instanceof UnknownItem && subject.finds ? onFound(text, subject, error.words) : undefined;
    if (found) return restore(found);
    throw error instanceof UserError ? asking(error, text, whole) : error;
  }
}

/** The refusal as people read it; where an item was not clear, it is done when they say which. */
function asking(error: UserError, text: string, whole: string): UserError {
  const message = dotted(error.message);
  if (error instanceof Asking) return error;
  if (!(error instanceof UnclearItem) || text !== whole) return new UserError(message);
  const { written } = error;
  const at = text.toLowerCase().indexOf(written.toLowerCase());
  if (at < 0) return new UserError(message);
  return new Asking(message, text.slice(0, at) + MISSING + text.slice(at + written.length), written);
}

/** An edit of one thing that is no item, and that the engine is to look for; undefined when it is nothing of the kind. */
function onFound(text: string, subject: Subject, words: string): Action | undefined {
  if (!isThingToFind(words)) return undefined;
  const item = subject.items.length;
  try {
    const action = tryAll(text, { ...subject, items: [...subject.items, { name: words }] });
    if (action?.kind !== 'edit') return undefined;
    const { edit } = action;
    if (edit.kind === 'imagine' || edit.kind === 'onFound') return undefined;
    return { kind: 'edit', edit: { kind: 'onFound', words, then: withItemAs(edit, item, FOUND) } };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function tryAll(text: string, subject: Subject, among = commands): Action | undefined {
  for (const command of among) {
    const action = command.parse(text, subject);
    if (action) return action;
  }
  return undefined;
}

const wordsOf = (among: readonly Command[]): string[] =>
  among.flatMap(({ name, verbs = [name] }) => verbs).filter((verb) => !verb.includes(' '));
const VERBS = wordsOf(commands);
const TAKING = new Set(wordsOf(taking));
const KEEPING = commands.filter((command) => !losing.includes(command));
const HARMLESS = commands.filter((command) => !taking.includes(command));

/** Words that begin what people say of a picture, a letter away from what they do to it. */
const NO_SLIPS = new Set(['same', 'undelete']);

/**
 * The text with its first word as it was probably meant. Nothing is ever taken away by a guess: where that could be
 * meant, it is asked about, even if something else is likelier.
 * @throws UserError that asks
 */
function tryRespelt(text: string, subject: Subject): Action | undefined {
  const [first = '', ...rest] = text.split(' ');
  const word = first.toLowerCase();
  // "blue" is no slip of "blur", nor "same" of "name", and other languages have words of their own
  if (isLook(word) || NO_SLIPS.has(word) || inEnglish(word) !== undefined) return undefined;
  const respelt = (verb: string): string => [verb, ...rest].join(' ');
  const verb = verbOf(word, VERBS);
  if (verb) return verb === word ? undefined : tryAll(respelt(verb), subject, KEEPING);
  const meant = near(word, VERBS);
  if (!meant.some((candidate) => TAKING.has(candidate)))
    return meant[0] === undefined ? undefined : tryAll(respelt(meant[0]), subject, HARMLESS);
  const wishes = meant.map(respelt).filter((said) => isDone(said, subject));
  if (wishes.length === 0) return undefined;
  const either = wishes.slice(0, 2).map((said) => `"${shortened(said)}"`);
  throw new UserError(`I do not understand "${shortened(text)}": did you mean ${either.join(' or ')}?`);
}

function isDone(text: string, subject: Subject): boolean {
  try {
    return tryAll(text, subject, KEEPING) !== undefined;
  } catch {
    return false;
  }
}

const REACTIONS: Record<string, Action> = {
  '↩': { kind: 'undo' },
  '🔁': { kind: 'again', count: 1 },
  '🗑': { kind: 'forget' },
};

/** What a reaction on a picture asks for; others than these are just feelings. */
export function reaction(emoji: string, subject: Subject): Action | undefined {
  const plain = emoji.replace(/\uFE0F/g, '');
  const digit = /^([1-9])\u20E3$/.exec(plain)?.[1];
  return digit ? remove.parse(`remove ${digit}`, subject) : REACTIONS[plain];
}

/** What can be said, or what one command does. */
export function helpText(topic?: string): string {
  const one = topic && commands.find(({ name, verbs = [] }) => name === topic || verbs.includes(topic));
  if (one) return `${one.name}: ${one.help}. Say ${one.examples.map((e) => `"${e}"`).join(' or ')}.`;
  const lines = groups.map(
    ({ title, commands: listed }) =>
      `${title}: ${listed.map(({ examples }) => `"${examples[0]}"`).join(', ')}`,
  );
  return [
    ...lines,
    'With a picture that you send: "items: dog, ball".',
    'What one of them does: "help blur", for example.',
  ].join('\n');
}

/** docs/commands.md: everything that can be said, with all examples. */
export function commandsPage(): string {
  const sections = groups.map(({ title, commands: listed }) => {
    const lines = listed.map(
      ({ name, help: text, examples }) =>
        `- **${name}**: ${text}.\n  ${examples.map((example) => `\`${example}\``).join(' · ')}`,
    );
    return `## ${title}\n\n${lines.join('\n')}\n`;
  });
  return `# What can be said

Say it in the thread of a picture, by the number or the name of an item. Spelling, politeness and word order are
forgiven: "could you get rid of the hat?" is \`remove the hat\`; where a misspelling could take something away, you are
asked. Several things may be said at once: \`remove 2 and 3\`,
\`replace 3 with a cat, then make it red\`, \`strength 0.6, steps 30\`. What is not understood is answered with the
nearest thing that is.

"It" is what was spoken of last, but nothing is taken away by it. Where you are asked which item is meant, its number or its name is
the answer: \`the left one\`. \`no, the dog\` does the last edit to another item, \`a bit more\` goes on from it.

Written with a picture as it is sent, \`items: dog, ball\` says what is to be among its items: it is looked for, and what is not
seen is told. \`/dedit upload\`, the form of Slack and the page have a field for it, \`dedit segment\`, \`edit\` and \`chat\` have
\`--items "dog, ball"\`. Words may follow: \`items: dog, ball. Remove the ball\`. Said later, it is \`select the dog\` and
\`select the ball\`.

${sections.join('\n')}
## React to the bot's picture

1️⃣ to 9️⃣ removes that item, ↩️ is \`undo\`, 🔁 is \`again\`, 🗑️ is \`forget\`. Replying to an older picture goes on from that
picture.

<!-- Written from src/commands by \`npx vitest run test/commands -u\`. -->
`;
}
