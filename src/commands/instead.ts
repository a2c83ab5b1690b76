import { Asking, MISSING } from './asking.js';
import type { Command, Subject } from './command.js';
import { itemIndex, leadingItem } from './items.js';

const MEANT =
  /^(?:i (?:meant|mean|said)|rather|make that|not (?:that|this|it|the|my|number|item|\d)[^,]*, ?(?:but )?|no, |no (?=the |that )) ?(.+)$/i;
const OTHER = /^(?:i (?:meant|mean) )?(?:no,? )?the other(?: (one|\p{L}+))?$/iu;

export const instead: Command = {
  name: 'no',
  help: 'do the last edit to another item instead',
  examples: ['no, the dog', 'I meant 3', 'not the hat, the dog'],
  verbs: [],
  parse(text, subject) {
    const [other, kind = 'one'] = OTHER.exec(text) ?? [];
    const isKind = /^one$/i.test(kind) || subject.items.some(({ name }) => name.split(' ').at(-1) === kind);
    // "the other cup" alone answers nothing
    if (other && isKind && (kind === 'one' || other !== `the other ${kind}`))
      return { kind: 'instead', item: otherOf(subject) };
    const named = MEANT.exec(text)?.[1];
    return named !== undefined && leadingItem(named, subject) === named
      ? { kind: 'instead', item: itemIndex(named, subject) }
      : undefined;
  },
};

/** The one that is called like what was spoken of last. @throws Asking where there is none, or more than one */
function otherOf({ items, last }: Subject): number {
  const kind = last === undefined ? undefined : items[last]!.name.split(' ').at(-1);
  const others = items.flatMap(({ name }, i) => (i !== last && kind && name.endsWith(kind) ? [i] : []));
  if (others.length === 1) return others[0]!;
  const listed = items.map(({ name }, i) => `${i + 1} ${name}`).join(', ');
  throw new Asking(`which one? say its number (${listed})`, `I meant ${MISSING}`);
}

/** Words before a mere name that take back what was understood: "no, the left one". */
export const TAKES_BACK = /^(?:no+|nope|oops|sorry|wait|actually|hm+|argh)\b[\s,.!:-]/i;
