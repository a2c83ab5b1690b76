import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemId, readCustomId, sayId } from '../../../src/bot/discord/customId.js';
import { cutEscaped, escapeText } from '../../../src/bot/discord/escape.js';
import { completions, firstPicture, spokenText, threadName } from '../../../src/bot/discord/events.js';
import { EditPacer } from '../../../src/bot/editPacer.js';
import { render } from '../../../src/bot/discord/render.js';
import { messageProblems, modalProblems } from '../../support/discordDouble/limits.js';
import { askModal, itemButtons, itemVerb } from '../../../src/bot/discord/itemMenu.js';

const anyText = fc.string({ unit: 'binary', maxLength: 3000 });

describe('escapeText', () => {
  it('leaves addresses alone and everything else without effect', () => {
    expect(escapeText('see http://localhost:3000/mask/a_b_c now_')).toBe(
      'see http://localhost:3000/mask/a_b_c now\\_',
    );
    expect(escapeText('# a\n- b\n-# c')).toBe('\\# a\n\\- b\n\\-# c');
  });
});
describe('cut', () => {
  it('never exceeds, halves no character and leaves no escape open', () =>
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 300 }), (text, max) => {
        const short = cutEscaped(escapeText(text), max);
        expect(short.length).toBeLessThanOrEqual(max);
        if (short.endsWith('…') && short.length < escapeText(text).length) {
          expect(/(\\*)…$/.exec(short)![1]!.length % 2).toBe(0);
          expect(short.at(-2) ?? '').not.toMatch(/[\ud800-\udbff]$/);
        }
      }),
    ));
});
describe('custom ids', () => {
  it('carry their words there and back, or are not made', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        (index, text) => {
          const id = sayId(index, text);
          if (id === undefined) expect(text.length).toBeGreaterThan(90);
          else expect(readCustomId(id)).toEqual({ kind: 'say', text });
        },
      ),
    ));
  it('of others are nothing', () => fc.assert(fc.property(anyText, (id) => void readCustomId(id))));
  it('for items fit with the longest ids there are', () => {
    const message = '9'.repeat(20);
    expect(itemId('ask', 'replace', 9999, message).length).toBeLessThanOrEqual(100);
    expect(readCustomId(itemId('ask', 'replace', 3, message))).toEqual({
      kind: 'ask',
      verb: 'replace',
      number: 3,
      message,
    });
    expect(messageProblems({ content: 'x', components: itemButtons(3, message) }, [], [], false)).toEqual([]);
    const { ask } = itemVerb('replace')!;
    expect(modalProblems(askModal('replace', ask!, 9999, message) as never)).toEqual([]);
  });
});
describe('render', () => {
  it('makes bodies within the limits of whatever it is given', () =>
    fc.assert(
      fc.asyncProperty(
        anyText,
        fc.array(
          fc.record({ label: fc.string({ minLength: 1 }), say: fc.string({ minLength: 1, maxLength: 200 }) }),
          {
            maxLength: 8,
          },
        ),
        fc.array(fc.string({ maxLength: 300 }), { maxLength: 40 }),
        async (text, actions, names) => {
          const items = names.map((name, i) => ({ number: i + 1, name }));
          const { body } = await render({ kind: 'note', text: `x${text}`, actions, items }, 1000);
          expect(messageProblems({ ...body }, [], [], false)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    ));
});
describe('events', () => {
  it('what is said to the bot is said without its name', () => {
    expect(spokenText('<@12> replace  3 with <@34>', ['12'])).toBe('replace 3 with <@34>');
    expect(spokenText('<@!12>undo', ['12'])).toBe('undo');
  });
  it('pictures are known by type or, as HEIC often comes, by name', () => {
    const file = (name: string, contentType: string | null) => ({ name, contentType });
    expect(firstPicture([file('a.txt', 'text/plain'), file('b.HEIC', null)])?.name).toBe('b.HEIC');
    expect(firstPicture([file('a.png.exe', null)])).toBeUndefined();
  });
  it('threads have names whatever pictures are called', () =>
    fc.assert(
      fc.property(anyText, (name) => {
        const made = threadName(name);
        expect(made.length).toBeLessThanOrEqual(100);
        expect(made).not.toContain('\n');
      }),
    ));
  it('completes at most 25, those that begin so first', () => {
    const many = Array.from({ length: 40 }, (_, i) => `model-${i}`);
    expect(completions(many, 'model')).toHaveLength(25);
    expect(completions(['my-sd', 'sd-15', 'x'], 'SD').map(({ name }) => name)).toEqual(['sd-15', 'my-sd']);
  });
});
describe('EditPacer', () => {
  it('keeps messages apart, goes on after failures and ends what waits', async () => {
    const failures: unknown[] = [];
    const pacer = new EditPacer(30, (error) => failures.push(error));
    const done: string[] = [];
    const job = (name: string) => async () => void done.push(name);
    const first = pacer.submit('a', () => Promise.reject(new Error('no')));
    const skipped = pacer.submit('a', job('a1'));
    const last = pacer.submit('a', job('a2'));
    await pacer.submit('b', job('b'));
    expect(done).toEqual(['b']);
    await Promise.all([first, skipped, last]);
    expect(done).toEqual(['b', 'a2']);
    expect(failures).toHaveLength(1);
    void pacer.submit('a', job('a3'));
    await pacer.flush();
    expect(done).toEqual(['b', 'a2', 'a3']);
  });
});
