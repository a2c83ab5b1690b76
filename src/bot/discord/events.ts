import { PICTURE_NAME } from '../limits.js';

/** Emoji as reactions carry them; a server's own emoji (with an id) mean nothing here. */
export interface ReactionFacts {
  readonly user: string;
  readonly message: string;
  readonly emoji: { readonly id: string | null; readonly name: string | null };
}

/** The same reaction, told twice or given again after it was taken back, is the same event. */
export const reactionId = ({ message, user, emoji }: ReactionFacts): string =>
  `${message}:${user}:${emoji.name ?? ''}`;

/** What a message says once the words that address the bot are taken away. */
export function spokenText(content: string, ownIds: readonly string[]): string {
  const own = ownIds.map((id) => `<@[!&]?${id}>`).join('|');
  return content
    .replace(new RegExp(own, 'g'), ' ')
    .replace(/[ \t]+/g, ' ')
    .trim();
}

interface AttachmentFacts {
  readonly name: string;
  readonly contentType: string | null;
}

/** The first attachment that may be a picture; what it is, the engine finds out. HEIC often comes without a type. */
export function firstPicture<A extends AttachmentFacts>(attachments: Iterable<A>): A | undefined {
  for (const attachment of attachments)
    if (attachment.contentType?.startsWith('image/') || PICTURE_NAME.test(attachment.name)) return attachment;
  return undefined;
}

/** A thread's name: at most 100 characters, one line. */
export function threadName(picture: string): string {
  const name = picture
    .replace(/\.[^.]*$/, '')
    .replace(/[\s_]+/g, ' ')
    .trim()
    .slice(0, 80);
  return `dedit: ${name || 'picture'}`;
}

/** Up to 25 names that contain what was typed, those that begin with it first. */
export function completions(names: readonly string[], typed: string): { name: string; value: string }[] {
  const part = typed.trim().toLowerCase();
  const at = (name: string) => name.toLowerCase().indexOf(part);
  return names
    .filter((name) => name.length > 0 && name.length <= 100 && at(name) >= 0)
    .sort((a, b) => Math.min(1, at(a)) - Math.min(1, at(b)))
    .slice(0, 25)
    .map((name) => ({ name, value: name }));
}

/** A file of a message or an option. */
export interface Attached {
  readonly url: string;
  readonly name: string;
}
