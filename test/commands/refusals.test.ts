import { describe, expect, it } from 'vitest';
import { parse } from '../../src/commands/index.js';
import { UserError } from '../../src/engine/errors.js';
import { sections, subject } from './fixtures.js';

/** What a message is answered with. */
function answer(message: string): string {
  let actions;
  try {
    actions = parse(message, subject);
  } catch (error) {
    expect(error, message).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(message)} is done: ${JSON.stringify(actions)}`);
}

/** Everything a refusal tells people to say; what it only quotes from them comes before the colon or "?". */
const advised = (refusal: string): string[] => [...refusal.matchAll(/"([^"]+)"/g)].map(([, said]) => said!);

/** A refusal is one short line that says something to do which then works. */
function isUseful(refusal: string): void {
  expect(refusal).not.toMatch(/[\n\r\u2028\u2029\p{Cc}\p{Surrogate}]/u);
  expect(refusal.length).toBeLessThan(300);
  const works = advised(refusal).filter((said) => {
    try {
      return parse(said, subject).length > 0;
    } catch (error) {
      // these are what to say, once a checkpoint can find things
      return (error as Error).message.startsWith('this checkpoint cannot find things');
    }
  });
  expect(
    works.length > 0 || refusal.includes('say its number') || refusal.includes('the picture has'),
    refusal,
  ).toBe(true);
}

const all = sections('refusals.txt');

describe.each(all)('$head', ({ head, messages }) => {
  it.each(messages)('%s', (message) => {
    const refusal = answer(message);
    expect(refusal).toContain(head[0]);
    isUseful(refusal);
  });
});

it('there are many', () => {
  expect(all.flatMap(({ messages }) => messages).length).toBeGreaterThanOrEqual(100);
});

// what does not fit into a line of a file
it.each([
  ['', 'say what to change'],
  [' \t\n\r\n ', 'say what to change'],
  ['\u200B\u2060\uFEFF', 'say what to change'],
  ['\0\0\0', 'say what to change'],
  ['a\0b\x1B[31mred\x07', 'I do not understand'],
  ['line one\u2028line two\u2029line three\vfour', 'I do not understand'],
  ['\u202Eevil\u202C', 'I do not understand "evil"'],
  ['\uD83D lonely \uDE00', 'I do not understand "lonely"'],
  ['💥'.repeat(200), 'I do not understand'],
  ['a'.repeat(999), 'I do not understand'],
  ['a'.repeat(1001), 'that is too long'],
  ['\uFDFA'.repeat(900), 'that is too long'],
  ['remove '.repeat(150), 'too long'],
  ['and '.repeat(240), 'help'],
  ['what\nis\nthis', '"help"'],
  ['```js\nconst a = 1;\n```', '"help"'],
  [`remove ${'9'.repeat(500)}`, 'there is no item'],
  [`remove the ${'x'.repeat(500)}`, 'there is no item'],
  [`3${'️⃣'.repeat(300)}`, '"remove 3"'],
])('%j', (message, part) => {
  const refusal = answer(message);
  expect(refusal).toContain(part);
  isUseful(refusal);
});

it('nothing is lost by a guess', () => {
  for (const message of ['forgot', 'forgte', 'frget everything', 'forgte me', 'forgot everything about me'])
    expect(answer(message)).toContain('say');
});
