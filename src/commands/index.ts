import type { Edit } from '../engine/edits.js';
import { UserError } from '../engine/errors.js';
import { blend } from './blend.js';
import type { Command, Subject } from './command.js';
import { grow } from './grow.js';
import { imagine } from './imagine.js';
import { make } from './make.js';
import { move } from './move.js';
import { normalise } from './normalise.js';
import { reconstruct } from './reconstruct.js';
import { remove } from './remove.js';
import { replace } from './replace.js';
import { resize } from './resize.js';
import { swap } from './swap.js';

/** Every command, in the order they are tried: the particular before the general. */
export const commands: readonly Command[] = [
  remove,
  move,
  resize,
  swap,
  grow,
  blend,
  imagine,
  reconstruct,
  make,
  replace,
];

/**
 * What a message asks for.
 * @throws UserError with what can be said when no command understands it
 */
export function parse(message: string, subject: Subject): Edit {
  const text = normalise(message);
  for (const command of commands) {
    const edit = command.parse(text, subject);
    if (edit) return edit;
  }
  const known = commands.map((c) => `"${c.examples[0]}"`).join(', ');
  throw new UserError(`"${text.slice(0, 80)}" is not something dedit understands: say ${known}`);
}
