/** Limits that several platforms share; docs/limits.md lists these and the platforms' own. */

const MIB = 2 ** 20;

/** A picture that somebody sends, in bytes. The engine has a limit of its own for pixels. */
export const MAX_PICTURE = 25 * MIB;
/** How long fetching it may take, in ms. */
export const FETCH_TIMEOUT = 20_000;
/** Characters that a form's field for words takes: a prompt, or a list of items. */
export const MAX_FIELD = 300;

export const megabytes = (bytes: number): string => `${Math.round((bytes / MIB) * 10) / 10} MB`;

/** Endings of pictures that are worth fetching; what a file is, its bytes tell. */
export const PICTURE_NAME = /\.(png|jpe?g|webp|gif|avif|hei[cf]|tiff?)$/i;

/** Cuts to `length` UTF-16 units, as platforms count at most, without halving a character. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = text.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}
