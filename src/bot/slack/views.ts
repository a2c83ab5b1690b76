import type { ModalView, RadioButtons } from '@slack/types';
import { itemVerb, itemVerbs } from '../itemVerbs.js';
import type { SlackFile } from './events.js';
import { MAX_FIELD, shortened } from '../limits.js';

/** Callback ids of the two forms. */
export const UPLOAD = 'upload';
export const ITEM_FORM = 'item';

/** Endings of files the form offers; "for convenience only" (docs of file_input): the engine looks at the bytes. */
const FILE_TYPES = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'avif', 'tiff'];
const MAX_OPTIONS = 100;

const plain = (text: string, length = 75) => ({ type: 'plain_text' as const, text: shortened(text, length) });

/** Where the slash command was given. */
export interface Asked {
  readonly channel: string;
  readonly respond?: string | undefined;
}

const fileInput = (block: string, label: string, optional: boolean) => ({
  type: 'input' as const,
  block_id: block,
  optional,
  label: plain(label),
  element: { type: 'file_input' as const, action_id: block, filetypes: FILE_TYPES, max_files: 1 },
});

/** The form of `/dedit`. */
export function uploadView(asked: Asked, checkpoints: readonly string[]): ModalView {
  const options = checkpoints
    .filter((name) => name.length > 0 && name.length <= 75)
    .slice(0, MAX_OPTIONS)
    .map((name) => ({ text: plain(name), value: name }));
  return {
    type: 'modal',
    callback_id: UPLOAD,
    private_metadata: JSON.stringify(asked),
    title: plain('Edit a picture', 24),
    submit: plain('Send', 24),
    close: plain('Cancel', 24),
    blocks: [
      fileInput('picture', 'Picture', false),
      fileInput('reference', 'A second picture whose items can be used: "replace 3 with B2"', true),
      {
        type: 'input',
        block_id: 'items',
        optional: true,
        label: plain('What is to be among its items, as "dog, ball"'),
        element: { type: 'plain_text_input', action_id: 'items', max_length: MAX_FIELD },
      },
      ...(options.length > 1
        ? [
            {
              type: 'input' as const,
              block_id: 'checkpoint',
              optional: true,
              label: plain('Checkpoint'),
              element: { type: 'static_select' as const, action_id: 'checkpoint', options },
            },
          ]
        : []),
    ],
  };
}

/** What is read of a submitted form (docs.slack.dev/reference/interaction-payloads/view-interactions-payload). */
export interface Submitted {
  readonly id: string;
  readonly private_metadata: string;
  readonly state: {
    readonly values: Readonly<
      Record<
        string,
        Readonly<
          Record<
            string,
            {
              readonly files?: readonly unknown[] | null;
              readonly value?: string | null;
              readonly selected_option?: { readonly value: string } | null;
            }
          >
        >
      >
    >;
  };
}

const field = (view: Submitted, name: string) => view.state.values[name]?.[name];

export function readUpload(view: Submitted): Asked & {
  readonly picture: SlackFile | undefined;
  readonly reference: SlackFile | undefined;
  readonly items: string | undefined;
  readonly checkpoint: string | undefined;
} {
  return {
    ...(JSON.parse(view.private_metadata) as Asked),
    picture: field(view, 'picture')?.files?.[0] as SlackFile | undefined,
    reference: field(view, 'reference')?.files?.[0] as SlackFile | undefined,
    // an empty field is no list
    items: field(view, 'items')?.value || undefined,
    checkpoint: field(view, 'checkpoint')?.selected_option?.value,
  };
}

/** The item that was chosen, and the message that shows it. */
export interface Chosen {
  readonly channel: string;
  readonly thread_ts: string;
  readonly message: string;
  readonly number: number;
}

/**
 * The form behind "Choose an item": what to do, and words where they are wanted.
 * @param name as the menu calls it: "3 dog"
 * @param file a picture of the item, where Slack has it by now
 */
export function itemView(chosen: Chosen, name: string, file?: string): ModalView {
  const verbs: RadioButtons = {
    type: 'radio_buttons',
    action_id: 'verb',
    options: itemVerbs.map(({ verb, label, ask }) => ({
      text: plain(label),
      value: verb,
      ...(ask ? { description: plain(`${ask.label} For example: ${ask.placeholder}`) } : {}),
    })),
  };
  return {
    type: 'modal',
    callback_id: ITEM_FORM,
    private_metadata: JSON.stringify(chosen),
    title: plain(`Item ${name}`, 24),
    submit: plain('Do it', 24),
    close: plain('Cancel', 24),
    notify_on_close: true,
    blocks: [
      ...(file ? [{ type: 'image' as const, slack_file: { id: file }, alt_text: shortened(name, 200) }] : []),
      { type: 'input', block_id: 'verb', label: plain('What to do with it?'), element: verbs },
      {
        type: 'input',
        block_id: 'words',
        optional: true,
        label: plain('In words'),
        hint: plain('Not needed to remove or reshape it.', 2000),
        element: { type: 'plain_text_input', action_id: 'words', max_length: MAX_FIELD },
      },
    ],
  };
}

/** What the form says, or which field lacks what. */
export function readItem(
  view: Submitted,
): { readonly chosen: Chosen; readonly text: string } | { readonly errors: Record<string, string> } {
  const chosen = JSON.parse(view.private_metadata) as Chosen;
  const verb = itemVerb(field(view, 'verb')?.selected_option?.value ?? '');
  const words = (field(view, 'words')?.value ?? '').replace(/\s+/g, ' ').trim();
  if (!verb) return { errors: { verb: 'Choose what to do.' } };
  if (verb.ask && !words)
    return { errors: { words: `${verb.ask.label} For example: ${verb.ask.placeholder}` } };
  return { chosen, text: verb.say(chosen.number, words) };
}
