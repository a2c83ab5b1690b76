import type { Edit } from '../engine/edits.js';
import { UserError } from '../engine/errors.js';
import { again } from './again.js';
import { blend } from './blend.js';
import { cancel } from './cancel.js';
import type { Action, Command, Subject } from './command.js';
import { compare } from './compare.js';
import { exportFiles } from './export.js';
import { forget, forgetMe } from './forget.js';
import { grow } from './grow.js';
import { help } from './help.js';
import { history } from './history.js';
import { imagine } from './imagine.js';
import { make } from './make.js';
import { merge } from './merge.js';
import { move } from './move.js';
import { normalise } from './normalise.js';
import { reconstruct } from './reconstruct.js';
import { redo } from './redo.js';
import { remove } from './remove.js';
import { rename } from './rename.js';
import { replace } from './replace.js';
import { reshape } from './reshape.js';
import { resize } from './resize.js';
import { add, select } from './select.js';
import { sentences } from './sentences.js';
import { settings } from './settings.js';
import { show } from './show.js';
import { distance, nearest } from './spelling.js';
import { split } from './split.js';
import { status } from './status.js';
import { swap } from './swap.js';
import { undo } from './undo.js';
import { use } from './use.js';

/** Every command, in the order they are tried: the particular before the general. */
export const commands: readonly Command[] = [
  ...[undo, redo, history, show, compare, status, cancel, exportFiles, forgetMe, forget, help, again, use],
  ...settings,
  ...[remove, move, resize, swap, grow, reshape, merge, split, blend, imagine, reconstruct],
  ...[rename, select, add, make, replace],
];

/** Longer messages are prose. */
const LONGEST = 1000;

/**
 * What a message asks for, in order.
 * @throws UserError when some of it is not understood or cannot be done; then nothing of it is done
 */
export function parse(message: string, subject: Subject): Action[] {
  if (message.length > LONGEST)
    throw new UserError(
      `that is too long to be an edit: say it in fewer than ${LONGEST} characters, as "replace 3 with a cat"`,
    );
  const parts = sentences(message);
  if (parts.length === 0)
    throw new UserError('say what to change, for example "replace 3 with a cat", or "help"');
  return parts.map((part) => parseOne(normalise(part), subject));
}

/**
 * The one edit a message asks for, for callers without a session.
 * @throws UserError as `parse`, and when the message asks for something else
 */
export function parseEdit(message: string, subject: Subject): Edit {
  const [action, ...more] = parse(message, subject);
  if (action?.kind !== 'edit' || more.length > 0)
    throw new UserError(
      `"${message.slice(0, 80)}" is not one edit of the picture: say for example "replace 2 with a cat"`,
    );
  return action.edit;
}

function parseOne(text: string, subject: Subject): Action {
  const action = tryAll(text, subject) ?? tryAll(respelt(text), subject);
  if (action) return action;
  throw new UserError(
    `I do not understand "${text.slice(0, 80)}": ${suggestion(text)}, or "help" for all there is`,
  );
}

function tryAll(text: string, subject: Subject): Action | undefined {
  for (const command of commands) {
    const action = command.parse(text, subject);
    if (action) return action;
  }
  return undefined;
}

/** First words of all commands' names and examples. */
const FIRST_WORDS = [
  ...new Set(
    commands.flatMap(({ name, examples }) => [name, ...examples.map((e) => e.split(' ')[0]!.toLowerCase())]),
  ),
].filter((word) => /^[a-z]{3,}$/.test(word));

/** The text with its first word as it was probably meant. */
function respelt(text: string): string {
  const [first = '', ...rest] = text.split(' ');
  const meant = nearest(first.toLowerCase(), FIRST_WORDS);
  return [meant ?? first, ...rest].join(' ');
}

function suggestion(text: string): string {
  const words = text.toLowerCase().split(' ').slice(0, 12);
  const score = ({ name, help, examples }: Command): number => {
    const known = new Set([
      name,
      ...help.toLowerCase().split(/[^a-z]+/),
      ...examples.join(' ').toLowerCase().split(' '),
    ]);
    const shared = words.filter((word) => word.length > 3 && known.has(word)).length;
    const spelt = Math.min(...words.map((word) => distance(word.slice(0, 20), name))) / name.length;
    return shared - spelt;
  };
  // a number alone points at an item: most likely something is to be put in its place
  const likely = commands.reduce((a, b) => (score(b) > score(a) ? b : a), replace);
  return `say for example "${likely.examples[0]}"`;
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
  const one = topic && commands.find(({ name }) => name === topic);
  if (one) return `${one.name}: ${one.help}. Say ${one.examples.map((e) => `"${e}"`).join(' or ')}.`;
  return commands.map(({ help: text, examples }) => `"${examples[0]}": ${text}`).join('\n');
}
