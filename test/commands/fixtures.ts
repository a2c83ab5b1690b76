import { readFileSync } from 'node:fs';

/** The picture that all examples are about. */
export const subject = {
  width: 200,
  height: 100,
  items: ['brown background', 'cat', 'dog', 'hat', 'clouds'].map((name) => ({ name })),
  references: [{ letter: 'B', items: ['green background', 'crown', 'dog'].map((name) => ({ name })) }],
};

/** The same after `move 3 left 10%`. */
export const spoken = { ...subject, last: 2, done: { kind: 'move', item: 2, dx: -20, dy: 0 } } as const;

/** Lines at the margin of a fixture file, and the messages indented below them. */
export const sections = (file: string): Section[] => sectionsIn(read(file));

export const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

export interface Section {
  readonly head: string[];
  readonly messages: string[];
}

export function sectionsIn(text: string): Section[] {
  const found: Section[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const last = found.at(-1);
    if (line.startsWith('  ')) last!.messages.push(line.slice(2));
    else if (last && last.messages.length === 0) last.head.push(line);
    else found.push({ head: [line], messages: [] });
  }
  return found;
}

const ACTIONS = new Set([
  ...['series', 'again', 'use', 'set', 'rename', 'reshape', 'help', 'undo', 'redo', 'history', 'show'],
  ...[
    'compare',
    'status',
    'cancel',
    'export',
    'cutOut',
    'forget',
    'forgetMe',
    'go',
    'addTo',
    'letChange',
    'instead',
  ],
]);

/** `remove {"item":2}` as the action it stands for. */
export function action(line: string): object {
  const [, kind = '', json = ''] = /^(\w+) (.+)$/.exec(line) ?? [];
  const said = { kind, ...(JSON.parse(json) as object) };
  return ACTIONS.has(kind) ? said : { kind: 'edit', edit: said };
}
