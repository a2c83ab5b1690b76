/**
 * What a press means, carried in the component itself so that it survives restarts and needs no memory. Discord gives
 * a custom id 100 characters.
 */
export type Press =
  /** Says these words as a reply to the message that carries the button. */
  | { readonly kind: 'say'; readonly text: string }
  /** The menu of a picture's items: its values are their numbers. */
  | { readonly kind: 'items' }
  /** What to do with an item of the picture `message`: asked in a message that only the person sees. */
  | { readonly kind: 'item'; readonly verb: string; readonly number: number; readonly message: string }
  /** A modal's words for the same. */
  | { readonly kind: 'ask'; readonly verb: string; readonly number: number; readonly message: string };

export const MAX_CUSTOM_ID = 100;

/** The id of a `say` button, or undefined when the words are too long for one. `index` keeps ids of a message apart. */
export function sayId(index: number, text: string): string | undefined {
  const id = `say:${index}:${text}`;
  return id.length <= MAX_CUSTOM_ID ? id : undefined;
}

export const itemsId = 'items';

export const itemId = (kind: 'item' | 'ask', verb: string, number: number, message: string): string =>
  `${kind}:${verb}:${number}:${message}`;

export function readCustomId(id: string): Press | undefined {
  if (id === itemsId) return { kind: 'items' };
  const say = /^say:\d+:([^]+)$/.exec(id);
  if (say) return { kind: 'say', text: say[1]! };
  const item = /^(item|ask):([a-z]+):(\d{1,4}):(\d{1,20})$/.exec(id);
  if (!item) return undefined;
  return { kind: item[1] as 'item' | 'ask', verb: item[2]!, number: Number(item[3]), message: item[4]! };
}
