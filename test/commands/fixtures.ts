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
export function sections(file: string): { head: string[]; messages: string[] }[] {
  const found: { head: string[]; messages: string[] }[] = [];
  for (const line of readFileSync(new URL(file, import.meta.url), 'utf8').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const last = found.at(-1);
    if (line.startsWith('  ')) last!.messages.push(line.slice(2));
    else if (last && last.messages.length === 0) last.head.push(line);
    else found.push({ head: [line], messages: [] });
  }
  return found;
}
