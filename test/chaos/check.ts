/** What a person said, in the order in which they said it. */
export interface Said {
  readonly id: string;
  readonly thread: string;
  readonly kind: 'upload' | 'say';
  /** `make 2 look7`; of uploads nothing. */
  readonly text: string;
  readonly acknowledged: boolean;
}

/** What the platform received, in that order; the same key twice is one message that changed nothing. */
export interface Received {
  readonly thread: string;
  readonly key: string;
  readonly kind: string;
  readonly text: string;
}

/** What is left when everything is quiet. */
export interface Left {
  readonly sessions: readonly { readonly id: string; readonly thread: string }[];
  readonly revisions: readonly { readonly thread: string; readonly say: string; readonly status: string }[];
  /** Tasks that are neither done nor given up, and posts that were neither sent nor refused, in words. */
  readonly unfinished: readonly string[];
  /** Blob keys that rows name, and those that are there. */
  readonly named: readonly string[];
  readonly blobs: readonly string[];
}

/** The words of an edit that a message tells the end of. */
const endOf = ({ kind, text }: Received): string | undefined =>
  kind === 'result' ? text.replace(/^\d+: /, '') : /^"(.*)" could not be done: /.exec(text)?.[1];

const numberIn = (text: string): number => Number(/\d+$/.exec(text)![0]);

/** Every promise that is broken, in a sentence each. */
export function broken(said: readonly Said[], received: readonly Received[], left: Left): string[] {
  const found: string[] = [];
  const told = [...new Map(received.map((message) => [message.key, message])).values()];
  const sessionOf = new Map(left.sessions.map((session) => [session.thread, session.id]));
  const forgotten = new Set(said.filter(({ text }) => text === 'forget').map(({ thread }) => thread));

  for (const { id, thread, kind, text, acknowledged } of said) {
    if (!acknowledged) found.push(`${id} was never acknowledged`);
    if (text === 'forget' && sessionOf.has(thread)) found.push(`${thread} was to be forgotten and is there`);
    const ours = told.filter((message) => message.thread === thread);
    // a picture that is cut, or why it could not be
    const ends =
      kind === 'upload'
        ? ours.filter((message) => message.kind === 'overlay' || endOf(message) === '').slice(0, 1)
        : ours.filter((message) => endOf(message) === text);
    const isEdit = text.startsWith('make ');
    if (kind === 'upload' || isEdit) {
      if (ends.length === 0 && !forgotten.has(thread))
        found.push(`${id} "${text}" in ${thread} was never answered`);
      if (ends.length > 1) found.push(`${id} "${text}" in ${thread} was answered ${ends.length} times`);
    }
    if (forgotten.has(thread)) continue;
    if (kind === 'upload' && !sessionOf.has(thread)) found.push(`${id}: ${thread} is not there`);
    if (!isEdit) continue;
    const stored = left.revisions.filter((revision) => revision.thread === thread && revision.say === text);
    if (stored.length !== 1) found.push(`${id} "${text}" in ${thread} is stored ${stored.length} times`);
  }

  for (const thread of new Set(said.map((event) => event.thread))) {
    // results only: what is given up may be told after what followed it
    const results = told.filter((message) => message.thread === thread && message.kind === 'result');
    const numbers = results.map((message) => numberIn(message.text));
    const late = numbers.findIndex((number, i) => i > 0 && number < numbers[i - 1]!);
    if (late > 0) found.push(`${thread}: ${results[late]!.text} was told after ${results[late - 1]!.text}`);
  }

  found.push(...left.unfinished);
  const there = new Set(left.blobs);
  for (const key of left.named) if (!there.has(key)) found.push(`${key} is named and not there`);
  const named = new Set(left.named);
  for (const key of left.blobs) if (!named.has(key)) found.push(`${key} is there and nobody names it`);
  return found;
}
