import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/commands/command.js';
import { commands, parse, parseEdit } from '../../src/commands/index.js';
import { normalise } from '../../src/commands/normalise.js';
import { sentences } from '../../src/commands/sentences.js';
import type { Edit } from '../../src/engine/edits/index.js';
import { UserError } from '../../src/engine/errors.js';
import { subject } from './fixtures.js';

/** Words of the commands, so that random messages are often nearly commands. */
const VOCABULARY = [
  ...new Set(commands.flatMap(({ examples }) => examples).flatMap((example) => example.split(' '))),
  ...[
    'please',
    'and',
    'then',
    ',',
    ';',
    '\n',
    '3',
    '0',
    '99',
    '9999999999',
    '%',
    '->',
    '→',
    '<->',
    '🐶',
    '3️⃣',
    '#3',
  ],
  ...[
    'it',
    'the',
    'a',
    'item',
    'bigger',
    'should',
    'be',
    '<@1>',
    ':dog:',
    '💥'.repeat(30),
    '(',
    '"',
    '\0',
    '\u2028',
  ],
];
const nearly = fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 12 }).map((words) => words.join(' '));
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  // lone surrogates too
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 })
    .map((units) => String.fromCharCode(...units)),
  nearly,
  fc.tuple(nearly, fc.string({ unit: 'binary', maxLength: 20 }), nearly).map((parts) => parts.join('')),
);
const RUNS = { numRuns: 1000 };

/** Every item that an action speaks of. */
function itemsOf(action: Action): number[] {
  const edits: readonly Edit[] =
    action.kind === 'edit' ? [action.edit] : action.kind === 'series' ? action.edits : [];
  const named = edits.flatMap((edit) => {
    if ('items' in edit) return edit.items;
    return 'item' in edit ? [edit.item] : 'a' in edit ? [edit.a, edit.b] : [];
  });
  return 'item' in action ? [...named, action.item] : named;
}

describe('whatever is said', () => {
  it('is understood or refused in one line, and speaks of items that are there', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 0, max: 8 }), (message, count) => {
        const items = Array.from({ length: count }, (_, i) => ({
          name: ['sky', 'red ball', 'dog'][i] ?? `thing ${i}`,
        }));
        try {
          for (const action of parse(message, { width: 200, height: 100, items })) {
            for (const item of itemsOf(action)) {
              expect(Number.isInteger(item)).toBe(true);
              expect(item).toBeGreaterThanOrEqual(0);
              expect(item).toBeLessThan(count);
            }
            // what is stored as JSON comes back as it was
            expect(JSON.parse(JSON.stringify(action))).toEqual(action);
          }
        } catch (error) {
          expect(error, JSON.stringify(message)).toBeInstanceOf(UserError);
          expect((error as Error).message).toMatch(/^[^\n\r\u2028\u2029\p{Cc}\p{Surrogate}]+$/u);
          expect((error as Error).message.length).toBeLessThan(600);
        }
      }),
      RUNS,
    );
  });

  it('has one action for each of its sentences, which can be stored', () => {
    fc.assert(
      fc.property(anything, (message) => {
        const said = sentences(message, subject);
        expect(said.join('')).not.toMatch(/\0|\p{Surrogate}/u);
        try {
          expect(parse(message, subject)).toHaveLength(said.length);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      RUNS,
    );
  });

  it('is normalised once and for all', () => {
    fc.assert(
      fc.property(anything, (message) => {
        const once = normalise(message);
        expect(normalise(once)).toBe(once);
      }),
      RUNS,
    );
  });

  it('is answered quickly, however long', () => {
    const unit = fc.constantFrom(
      'a ',
      'move ',
      '3 ',
      'and ',
      ', ',
      'left ',
      'replace 3 with ',
      ' -> ',
      'please ',
      '"',
      '!',
    );
    fc.assert(
      fc.property(fc.array(unit, { minLength: 100, maxLength: 300 }), fc.nat(3), (units, cycle) => {
        const message = (cycle ? units.map((_, i) => units[i % cycle]!) : units).join('').slice(0, 1000);
        const start = process.cpuUsage();
        expect(() => {
          try {
            parse(message, subject);
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
          }
        }).not.toThrow();
        expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an edit', () => {
  const item = fc.nat(subject.items.length - 1);
  /** Ways to name an item: of these names only the first words differ. */
  const names = ['brown background', 'cat', 'dog', 'hat', 'clouds'];
  const words = ['one', 'two', 'three', 'four', 'five'];
  const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'];
  const naming = fc.constantFrom<(i: number) => string>(
    (i) => `${i + 1}`,
    (i) => `#${i + 1}`,
    (i) => `item ${i + 1}`,
    (i) => `Item #${i + 1}`,
    (i) => `number ${i + 1}`,
    (i) => `item ${words[i]}`,
    (i) => `the ${ordinals[i]} one`,
    (i) => `${i + 1}️⃣`,
    (i) => String.fromCharCode(0xff11 + i),
    (i) => `the ${names[i]}`,
    (i) => names[i]!,
    (i) => names[i]!.toUpperCase(),
    (i) => subject.items[i]!.name,
  );
  const polite = fc.constantFrom<(said: string) => string>(
    (said) => said,
    (said) => `please ${said}`,
    (said) => `Could you ${said}, please?`,
    (said) => `hey dedit, ${said}!`,
    (said) => `<@42> ${said} thanks`,
    (said) => `  ${said.replace(/ /g, '  ')} \n`,
    (said) => `${said.replace(/ /g, '\u00A0')}.`,
    (said) => `> ${said}`,
    (said) => `“${said}”`,
  );
  const noun = fc.constantFrom(
    'pizza',
    'golden retriever',
    'robot',
    'tree house',
    'fox',
    'castle',
    'purple car',
  );
  const thing = fc.oneof(
    noun.map((n) => `a ${n}`),
    fc.tuple(noun, noun, noun).map(([a, b, c]) => `a ${a}, a ${b} and a ${c}`),
    fc.tuple(noun, noun).map(([a, b]) => `a ${a} with a ${b}`),
    fc.tuple(noun, noun).map(([a, b]) => `some ${a} to the left of a ${b}`),
  );

  const comes = (said: string, edit: Edit): void =>
    expect(parse(said, subject), said).toEqual([{ kind: 'edit', edit }]);

  it('replaces, in whatever words', () => {
    const saying = fc.constantFrom<(item: string, thing: string) => string>(
      (i, t) => `replace ${i} with ${t}`,
      (i, t) => `replace ${i} by ${t}`,
      (i, t) => `Change ${i} into ${t}`,
      (i, t) => `turn ${i} into ${t}`,
      (i, t) => `swap ${i} for ${t}`,
      (i, t) => `repalce ${i} with ${t}`,
      (i, t) => `make ${i} ${t}`,
      (i, t) => `${i} should be ${t}`,
      (i, t) => `${i} -> ${t}`,
      (i, t) => `${i} → ${t}`,
      (i, t) => `put ${t} where ${i} is`,
      (i, t) => `${t} instead of ${i}`,
    );
    fc.assert(
      fc.property(item, naming, saying, thing, polite, (i, name, say, prompt, dress) => {
        comes(dress(say(name(i), prompt)), { kind: 'replace', item: i, prompt });
      }),
      RUNS,
    );
  });

  it('removes, in whatever words', () => {
    const saying = fc.constantFrom<(item: string) => string>(
      (i) => `remove ${i}`,
      (i) => `DELETE ${i}`,
      (i) => `erase ${i}`,
      (i) => `removing ${i}`,
      (i) => `get rid of ${i}`,
      (i) => `take ${i} away`,
      (i) => `make ${i} disappear`,
      (i) => `${i} should go`,
    );
    fc.assert(
      fc.property(item, naming, saying, polite, (i, name, say, dress) => {
        comes(dress(say(name(i))), { kind: 'remove', item: i });
      }),
      RUNS,
    );
  });

  it('moves by pixels as said, and by percent of the picture', () => {
    const way = fc.constantFrom(
      ['left', -1, 0] as const,
      ['right', 1, 0] as const,
      ['up', 0, -1] as const,
      ['down', 0, 1] as const,
    );
    const size = fc.record({
      width: fc.integer({ min: 100, max: 4000 }),
      height: fc.integer({ min: 100, max: 4000 }),
    });
    fc.assert(
      fc.property(
        item,
        naming,
        way,
        fc.integer({ min: 1, max: 100 }),
        size,
        (i, name, [word, sx, sy], n, { width, height }) => {
          const canvas = { ...subject, width, height };
          const by = (edit: Edit) => (edit.kind === 'move' ? [edit.dx, edit.dy] : []);
          const far = Math.round((n / 100) * (sx !== 0 ? width : height));
          const zero = (a: number[]) => a.map((v) => v + 0);
          for (const said of [
            `move ${name(i)} ${word} ${n}`,
            `move ${name(i)} ${n} px to the ${word}`,
            `push ${name(i)} ${word} by ${n} pixels`,
          ])
            expect(zero(by(parseEdit(said, canvas)))).toEqual(zero([sx * n, sy * n]));
          for (const said of [
            `move ${name(i)} ${word} ${n}%`,
            `move ${name(i)} ${n}% ${word}`,
            `shift ${name(i)} to the ${word} by ${n} percent`,
          ])
            expect(zero(by(parseEdit(said, canvas)))).toEqual(zero([sx * far, sy * far]));
          // a picture ten times as large: ten times as far, but for rounding
          const [dx, dy] = by(
            parseEdit(`move 1 ${word} ${n}%`, { ...canvas, width: width * 10, height: height * 10 }),
          );
          expect(Math.abs(dx! - 10 * sx * far)).toBeLessThanOrEqual(5);
          expect(Math.abs(dy! - 10 * sy * far)).toBeLessThanOrEqual(5);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('resizes to the same size in whatever words', () => {
    fc.assert(
      fc.property(item, naming, fc.integer({ min: 10, max: 900 }), (i, name, percent) => {
        const edit: Edit = { kind: 'resize', item: i, scale: percent / 100 };
        comes(`resize ${name(i)} ${percent}%`, edit);
        comes(`scale ${name(i)} to ${percent} percent`, edit);
        comes(`resize ${name(i)} x${percent / 100}`, edit);
        if (percent > 100) comes(`make ${name(i)} ${percent - 100}% bigger`, edit);
        if (percent > 100) comes(`enlarge ${name(i)} by ${percent - 100}%`, edit);
        if (percent < 100) comes(`shrink ${name(i)} by ${100 - percent}%`, edit);
      }),
      { numRuns: 500 },
    );
  });

  it('is one of several, in order, however they are joined', () => {
    const joint = fc.constantFrom(', ', ' and ', '; ', '\n', ', then ', ' and then ', '. ', ', and ', '\n- ');
    const one = fc.oneof(
      fc
        .tuple(item, thing)
        .map(([i, prompt]): [string, Edit] => [
          `replace ${i + 1} with ${prompt}`,
          { kind: 'replace', item: i, prompt },
        ]),
      item.map((i): [string, Edit] => [`remove ${i + 1}`, { kind: 'remove', item: i }]),
      item.map((i): [string, Edit] => [`delete the ${names[i]}`, { kind: 'remove', item: i }]),
      item.map((i): [string, Edit] => [
        `make ${i + 1} red`,
        { kind: 'look', items: [i], others: false, words: 'red' },
      ]),
      item.map((i): [string, Edit] => [`move ${i + 1} left 10`, { kind: 'move', item: i, dx: -10, dy: 0 }]),
      fc
        .tuple(item, thing)
        .map(([i, prompt]): [string, Edit] => [
          `${i + 1} -> ${prompt}`,
          { kind: 'replace', item: i, prompt },
        ]),
    );
    fc.assert(
      fc.property(fc.array(one, { minLength: 2, maxLength: 5 }), joint, polite, (parts, between, dress) => {
        const said = dress(parts.map(([words]) => words).join(between));
        expect(parse(said, subject), said).toEqual(parts.map(([, edit]) => ({ kind: 'edit', edit })));
      }),
      RUNS,
    );
  });
});
