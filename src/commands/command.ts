import type { Edit } from '../engine/edits.js';

/** How a person names an item: by its number on the overlay (from 1) or by its name. */
export type ItemRef = { readonly number: number } | { readonly name: string };

/** What a command sees of the session it works on. */
export interface Subject {
  readonly width: number;
  readonly height: number;
  readonly items: readonly { readonly name: string }[];
}

/** A way to say something: one file a command, and the help is generated from it. */
export interface Command {
  readonly name: string;
  /** One line for the help. */
  readonly help: string;
  /** Things a person might write, each of which parses to this command. */
  readonly examples: readonly string[];
  /**
   * The edit that `text` (already normalised, see normalise.ts) asks for, or undefined when it is another command.
   * @throws UserError when it is this command but cannot be done: an item that is not there, a number out of range.
   */
  parse(text: string, subject: Subject): Edit | undefined;
}
