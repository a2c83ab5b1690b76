import type { Edit } from '../engine/edits/index.js';

/** How a person names an item: by its number on the overlay (from 1) or by its name. */
export type ItemRef = { readonly number: number } | { readonly name: string };

/** What a command sees of the session it works on. */
export interface Subject {
  readonly width: number;
  readonly height: number;
  readonly items: readonly { readonly name: string }[];
  /** Other pictures whose items may be used: B, C, … */
  readonly references?: readonly Reference[];
  /** Whether the engine is asked where a thing is that no item is called by. */
  readonly finds?: boolean;
  /** The item that was spoken of last, which "it" is. */
  readonly last?: number | undefined;
  /** The last edit, in the numbers of the picture as it is now, where it can be done once more. */
  readonly done?: Edit | undefined;
}

/** A reference picture; `items` are missing while it is still being cut. */
export interface Reference {
  readonly letter: string;
  readonly items?: readonly { readonly name: string }[] | undefined;
}

/** The settings people change by words; all of them are `EditOptions` of the engine. */
export type SettingName = 'seed' | 'strength' | 'steps' | 'guidance' | 'edge' | 'redraw';

/** What a message asks of a session. */
export type Action =
  /** One new picture: a revision after the current one. */
  | { readonly kind: 'edit'; readonly edit: Edit }
  /** Several pictures side by side, to `use` one of: blend 0-100 in 5. */
  | { readonly kind: 'series'; readonly edits: readonly Edit[]; readonly labels: readonly string[] }
  /** The last edit with other seeds. */
  | { readonly kind: 'again'; readonly count: number }
  /** Goes on from picture `number` (from 1) of the last strip. */
  | { readonly kind: 'use'; readonly number: number }
  | { readonly kind: 'set'; readonly setting: SettingName; readonly value: number }
  | { readonly kind: 'rename'; readonly item: number; readonly name: string }
  /** These items as a transparent picture; nothing of the thread changes. */
  | { readonly kind: 'cutOut'; readonly items: readonly number[] }
  /** What an attached mask shows becomes an item. */
  | { readonly kind: 'mark'; readonly name?: string }
  /** What the words name becomes part of an item, and the last edit of that item is done again. */
  | { readonly kind: 'addTo'; readonly item: number; readonly words: string }
  /** The last edit again, while these items are drawn anew with it. */
  | { readonly kind: 'letChange'; readonly items: readonly number[] }
  /** By an attached mask, or the link to the mask editor. */
  | { readonly kind: 'reshape'; readonly item: number }
  /** The last edit, to this item instead. */
  | { readonly kind: 'instead'; readonly item: number }
  /** The items are right: they may be learned. */
  | { readonly kind: 'go' }
  | { readonly kind: 'help'; readonly topic?: string }
  /** Everything of the person who says it, in every thread of this place. */
  | { readonly kind: 'forgetMe' }
  /** One step back, or to the picture as it came. */
  | { readonly kind: 'undo'; readonly all?: true }
  | {
      readonly kind: 'redo' | 'history' | 'show' | 'compare' | 'status' | 'cancel' | 'export' | 'forget';
    };

/** A way to say something: one file a command, and the help is generated from it. */
export interface Command {
  readonly name: string;
  /** One line for the help. */
  readonly help: string;
  /** Things a person might write, each of which parses to this command. */
  readonly examples: readonly string[];
  /** First words that mean this command, for mending their spelling and completing what is half said. */
  readonly verbs?: readonly string[];
  /**
   * The action that `text` (already normalised, see normalise.ts) asks for, or undefined when it is another command.
   * @throws UserError when it is this command but cannot be done: an item that is not there, a number out of range,
   *   something the engine cannot do yet.
   */
  parse(text: string, subject: Subject): Action | undefined;
}

export const asEdit = (edit: Edit): Action => ({ kind: 'edit', edit });
