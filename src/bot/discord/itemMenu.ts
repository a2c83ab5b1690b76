import {
  ButtonStyle,
  ComponentType,
  TextInputStyle,
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIModalInteractionResponseCallbackData,
} from 'discord.js';
import { itemId } from './customId.js';

interface ItemVerb {
  readonly verb: string;
  readonly label: string;
  /** The question of the modal, where words are wanted. */
  readonly ask?: { readonly label: string; readonly placeholder: string };
  say(number: number, words: string): string;
}

/** What the menu of items offers; the words are those of the commands. */
const verbs: readonly ItemVerb[] = [
  { verb: 'remove', label: 'Remove', say: (n) => `remove ${n}` },
  {
    verb: 'replace',
    label: 'Replace…',
    ask: { label: 'With what?', placeholder: 'a golden retriever' },
    say: (n, words) => `replace ${n} with ${words}`,
  },
  {
    verb: 'make',
    label: 'Change…',
    ask: { label: 'How should it be?', placeholder: 'red' },
    say: (n, words) => `make ${n} ${words}`,
  },
  {
    verb: 'move',
    label: 'Move…',
    ask: { label: 'Where to?', placeholder: 'left 40, right 10%, to 120,80' },
    say: (n, words) => `move ${n} ${words}`,
  },
  { verb: 'reshape', label: 'Reshape', say: (n) => `reshape ${n}` },
];

export const itemVerb = (name: string): ItemVerb | undefined => verbs.find((v) => v.verb === name);

/** The buttons under "What about 3?", for item `number` of the picture `message`. */
export const itemButtons = (
  number: number,
  message: string,
): APIActionRowComponent<APIButtonComponentWithCustomId> => ({
  type: ComponentType.ActionRow,
  components: verbs.map(({ verb, label }) => ({
    type: ComponentType.Button,
    style: verb === 'remove' ? ButtonStyle.Danger : ButtonStyle.Secondary,
    label,
    custom_id: itemId('item', verb, number, message),
  })),
});

/** The field of every modal here. */
export const WORDS = 'words';

export const askModal = (
  verb: string,
  ask: { readonly label: string; readonly placeholder: string },
  number: number,
  message: string,
): APIModalInteractionResponseCallbackData => ({
  custom_id: itemId('ask', verb, number, message),
  title: `Item ${number}: ${verb}`,
  components: [
    {
      type: ComponentType.Label,
      label: ask.label,
      component: {
        type: ComponentType.TextInput,
        custom_id: WORDS,
        style: TextInputStyle.Short,
        placeholder: ask.placeholder,
        min_length: 1,
        max_length: 300,
        required: true,
      },
    },
  ],
});
