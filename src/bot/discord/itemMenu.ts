import {
  ButtonStyle,
  ComponentType,
  TextInputStyle,
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIModalInteractionResponseCallbackData,
} from 'discord.js';
import { itemVerbs } from '../itemVerbs.js';
import { MAX_FIELD } from '../limits.js';
import { itemId } from './customId.js';

export { itemVerb } from '../itemVerbs.js';

/** Buttons that stand beside one another. */
const ROW = 5;

/** The buttons under "What about 3?", for item `number` of the picture `message`. */
export function itemButtons(
  number: number,
  message: string,
): APIActionRowComponent<APIButtonComponentWithCustomId>[] {
  const buttons = itemVerbs.map(({ verb, label }) => ({
    type: ComponentType.Button as const,
    style: verb === 'remove' ? (ButtonStyle.Danger as const) : (ButtonStyle.Secondary as const),
    label,
    custom_id: itemId('item', verb, number, message),
  }));
  const rows = [];
  for (let i = 0; i < buttons.length; i += ROW)
    rows.push({ type: ComponentType.ActionRow as const, components: buttons.slice(i, i + ROW) });
  return rows;
}

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
        max_length: MAX_FIELD,
        required: true,
      },
    },
  ],
});
