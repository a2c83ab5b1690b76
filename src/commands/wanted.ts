/** What the items of a picture are to be: "items: dog, ball", in a form or among the words that come with the picture. */

/** A picture has eight items, one of them the ground. */
const MOST = 7;
/** A longer list is read no further. */
const LONGEST_LIST = 1000;
const LONGEST = 40;
const SHOWN = 30;

/** Names to look for, and what there is to say of those that are not looked for: sentences. */
export interface Wanted {
  readonly words: readonly string[];
  readonly remarks: readonly string[];
}

const SEPARATOR = /[,;\n]+|\s(?:and|&|\+)\s/i;
const ARTICLES = /^(?:(?:and|the|a|an|my|some|this|that|these|those) )+/i;

/** "the dog, a ball and the hat": what is to be looked for, in that order. */
export function wantedItems(list: string): Wanted {
  const remarks: string[] = [];
  const words: string[] = [];
  const left: string[] = [];
  for (const part of list.slice(0, LONGEST_LIST).split(SEPARATOR)) {
    const name = part
      .replace(/\s+/g, ' ')
      .replace(/^[\s"'“”‘’.:-]+|[\s"'“”‘’.:-]+$/g, '')
      .replace(ARTICLES, '');
    if (name === '') continue;
    const short = name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name;
    if (name.length > LONGEST) remarks.push(`"${short}" is too long for a name: say it in a word or two`);
    else if (!/^\p{L}[\p{L}' -]*$/u.test(name))
      remarks.push(`"${short}" names nothing that I could look for`);
    else if (words.some((other) => other.toLowerCase() === name.toLowerCase()))
      remarks.push(`"${name}" is said twice: I look for it once`);
    else if (words.length === MOST) left.push(name);
    else words.push(name);
  }
  if (left.length > 0 || list.length > LONGEST_LIST)
    remarks.push(
      `I look for ${MOST} things at most, and not for what comes after ${words.at(-1) ?? 'so much'}: say "select the hat" for more`,
    );
  if (words.length === 0)
    remarks.push('That names nothing to look for, as "items: dog, ball" does: I cut the picture as I see it');
  return { words, remarks };
}

/** Where a caption says what the items are to be; the list ends with its sentence. */
const LISTED = /(^|[.;!?\n])\s*(?:the |my )?items?\s?[:=]\s?([^.;!?\n]*)/i;
const THEN = /,?\s+(?:and )?(?:then|after that)[,\s]+/i;

/** A caption without the list of wanted items, and that list, if it has one. */
export function captioned(caption: string): { readonly text: string; readonly items?: string } {
  const found = LISTED.exec(caption);
  if (!found) return { text: caption.trim() };
  const [whole, before, said] = found as unknown as [string, string, string];
  const [items = '', ...then] = said.split(THEN);
  const after = caption.slice(found.index + whole.length).replace(/^[.;!?\s]+/, '');
  const text = [caption.slice(0, found.index) + before, ...then, after];
  return {
    items,
    text: text
      .map((part) => part.trim())
      .filter((part) => /[\p{L}\p{N}]/u.test(part))
      .join('\n'),
  };
}
