import {
  ButtonStyle,
  ComponentType,
  TextInputStyle,
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIModalInteractionResponseCallbackData,
} from 'discord.js';
import { itemVerbs } from '../itemVerbs.js';
import { itemId } from './customId.js';

export { itemVerb } from '../itemVerbs.js';

/** The buttons under "What about 3?", for item `number` of the picture `message`. */
export const itemButtons = (
  number: number,
  message: string,
): APIActionRowComponent<APIButtonComponentWithCustomId> => ({
  type: ComponentType.ActionRow,
  components: itemVerbs.map(({ verb, label }) => ({
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
