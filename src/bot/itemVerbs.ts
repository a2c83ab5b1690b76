/** One thing that can be done to an item chosen from a menu. */
export interface ItemVerb {
  readonly verb: string;
  readonly label: string;
  /** The question of the form, where words are wanted. */
  readonly ask?: { readonly label: string; readonly placeholder: string };
  say(number: number, words: string): string;
}

/** What the menu of items offers; the words are those of the commands. */
export const itemVerbs: readonly ItemVerb[] = [
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
  { verb: 'remove', label: 'Remove', say: (n) => `remove ${n}` },
  { verb: 'cutout', label: 'Cut out', say: (n) => `cut out ${n}` },
  {
    verb: 'copy',
    label: 'Copy…',
    ask: { label: 'Where to?', placeholder: 'right 30%' },
    say: (n, words) => `copy ${n} ${words}`,
  },
  { verb: 'reshape', label: 'Reshape', say: (n) => `reshape ${n}` },
];

export const itemVerb = (name: string): ItemVerb | undefined => itemVerbs.find((v) => v.verb === name);
