import { describe, expect, it } from 'vitest';
import { PostRefused } from '../../../src/bot/platform.js';
import { emojiOf } from '../../../src/bot/slack/emoji.js';
import { forPerson, isDoubtful, loggable, refusal, retryAfter } from '../../../src/bot/slack/errors.js';
import { firstPicture, isMentioned, isSpoken } from '../../../src/bot/slack/events.js';
import { PostPacer } from '../../../src/bot/slack/postPacer.js';
import { Recent } from '../../../src/bot/recent.js';
import { shortened } from '../../../src/bot/limits.js';
import { blocksOf, cutEscaped, escape, unescape } from '../../../src/bot/slack/render.js';
import { itemView, readItem, uploadView } from '../../../src/bot/slack/views.js';
import { UserError } from '../../../src/engine/errors.js';

const texts = (blocks: ReturnType<typeof blocksOf>) =>
  blocks.flatMap((block) => (block.type === 'section' ? [block.text!.text] : []));

describe('what is shown', () => {
  it('never mentions anybody', () => {
    expect(escape('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(JSON.stringify(blocksOf({ kind: 'note', text: '<!here>' }))).not.toContain('<!here>');
  });
  it('keeps to the limits of Block Kit', () => {
    const blocks = blocksOf(
      {
        kind: 'result',
        text: 'x',
        picture: { name: 'p.png', png: new Uint8Array(), alt: 'a'.repeat(5000) },
        actions: Array.from({ length: 9 }, (_, i) => ({ label: 'y'.repeat(200), say: `use ${i}` })),
        items: Array.from({ length: 120 }, (_, i) => ({ number: i + 1, name: 'z'.repeat(300) })),
        link: { label: 'far', url: `https://a.b/${'c'.repeat(4000)}` },
      },
      { file: 'F1' },
    );
    expect(blocks.find(({ type }) => type === 'image')).toMatchObject({
      slack_file: { id: 'F1' },
      alt_text: `${'a'.repeat(1999)}…`,
    });
    const actions = blocks.filter(({ type }) => type === 'actions');
    expect(actions).toHaveLength(1);
    const { elements } = actions[0] as unknown as {
      elements: { text?: { text: string }; options?: { text: { text: string } }[] }[];
    };
    expect(elements).toHaveLength(6);
    expect(elements[0]!.text!.text).toHaveLength(75);
    expect(elements[5]!.options).toHaveLength(100);
    expect(elements[5]!.options![0]!.text.text).toHaveLength(75);
    // what no button can say is written as words to say
    expect(texts(blocks).at(-1)).toContain(': say "use 8"');
  });
  it('breaks long text between lines into sections, and cuts what is beyond four', () => {
    const lines = Array.from({ length: 400 }, (_, i) => `"say ${i}": a line & more`).join('\n');
    const sections = texts(blocksOf({ kind: 'note', text: lines }));
    expect(sections.length).toBeGreaterThan(2);
    expect(sections.every((text) => text.length <= 3000)).toBe(true);
    expect(sections.join('\n')).toBe(escape(lines));
    const endless = texts(blocksOf({ kind: 'note', text: '&'.repeat(40_000) }));
    expect(endless).toHaveLength(4);
    expect(endless.every((text) => text.length <= 3000 && /^(&amp;)+…?$/.test(text))).toBe(true);
  });
  it('halves neither characters nor escapes', () => {
    expect(shortened('ab🍕', 4)).toBe('ab🍕');
    expect(shortened('abc🍕d', 5)).toBe('abc…');
    expect(cutEscaped('aaa<<', 9)).toBe('aaa&lt;…');
    expect(cutEscaped('&&', 8)).toBe('&amp;…');
  });
  it('reads what a person typed', () => {
    expect(unescape('<@U9> replace 3 with <http://a.b|a.b> &amp; co')).toBe('replace 3 with a.b & co');
    expect([emojiOf('three'), emojiOf('repeat'), emojiOf('heart')]).toEqual(['3️⃣', '🔁', undefined]);
  });
});

describe('forms', () => {
  it('offer checkpoints only where there is a choice', () => {
    const blocks = (names: string[]) => uploadView({ channel: 'C1' }, names).blocks.map((b) => b.block_id);
    expect(blocks(['pocket'])).toEqual(['picture', 'reference', 'items']);
    expect(blocks(['pocket', 'sd15'])).toEqual(['picture', 'reference', 'items', 'checkpoint']);
  });
  it('keep titles to 24 characters and carry what was chosen', () => {
    const view = itemView(
      { channel: 'C1', thread_ts: '1.2', message: '1.3', number: 3 },
      '3 a very long name of an item',
    );
    expect(view.title.text).toHaveLength(24);
    expect(JSON.parse(view.private_metadata!)).toMatchObject({ number: 3, message: '1.3' });
  });
  it.each([
    ['remove', undefined, 'remove 3'],
    ['replace', ' a\n dog ', 'replace 3 with a dog'],
    ['make', 'red', 'make 3 red'],
    ['move', 'left 40', 'move 3 left 40'],
    ['reshape', 'ignored', 'reshape 3'],
  ])('%s with %j says %j', (verb, words, said) => {
    const chosen = { channel: 'C1', thread_ts: '1.2', message: '1.3', number: 3 };
    const view = {
      id: 'V1',
      private_metadata: JSON.stringify(chosen),
      state: {
        values: {
          verb: { verb: { selected_option: { value: verb } } },
          words: { words: { value: words ?? null } },
        },
      },
    };
    expect(readItem(view)).toEqual({ chosen, text: said });
  });
});

describe('events', () => {
  const self = { user: 'U1', bot: 'B1' };
  const said = { channel: 'C1', ts: '1.2', user: 'U2' };
  it('are those that people say', () => {
    const spoken = (more: object) => isSpoken({ ...said, ...more }, self);
    expect([{}, { subtype: 'file_share' }, { subtype: 'thread_broadcast' }].map(spoken)).toEqual([
      true,
      true,
      true,
    ]);
    const unspoken = [
      { subtype: 'message_changed' },
      { subtype: 'message_deleted' },
      { subtype: 'bot_message' },
      { subtype: 'channel_join' },
      { bot_id: 'B2' },
      { user: 'U1' },
      { user: undefined },
    ];
    expect(unspoken.map(spoken)).toEqual(unspoken.map(() => false));
  });
  it('mention the bot by its id', () => {
    expect(['<@U1> hi', 'x <@U1|dedit>'].map((t) => isMentioned(t, self))).toEqual([true, true]);
    expect(['<@U12>', '@dedit', undefined].map((t) => isMentioned(t, self))).toEqual([false, false, false]);
  });
  it('have pictures among their files', () => {
    const id = (files: object[]) => firstPicture(files as never)?.id;
    expect(id([{ id: 'a', mimetype: 'application/pdf', name: 'a.pdf' }])).toBeUndefined();
    expect(
      id([
        { id: 'a', mimetype: 'text/plain', name: 'a' },
        { id: 'b', mimetype: 'image/webp' },
      ]),
    ).toBe('b');
    expect(id([{ id: 'c', mimetype: '', name: 'IMG_1.HEIC' }])).toBe('c');
    expect(id([{ id: 'd', file_access: 'check_file_info' }])).toBe('d');
  });
});

describe('errors', () => {
  const slack = (error: string, more: object = {}) =>
    Object.assign(new Error(error), {
      code: 'slack_webapi_platform_error',
      data: { ok: false, error, ...more },
    });

  it.each([
    ['not_in_channel', /\/invite @dedit/],
    ['channel_not_found', /gone, or private/],
    ['is_archived', /archived/],
    ['restricted_action', /only some people post/],
    ['file_uploads_disabled', /no file uploads/],
    ['slack_connect_file_upload_sharing_blocked', /Slack Connect/],
    ['team_access_not_granted', /admin/],
  ])('%s is final and says what to do', (error, words) => {
    expect(refusal(slack(error))).toBeInstanceOf(PostRefused);
    expect(refusal(slack(error))!.message).toMatch(words);
  });
  it('a missing scope is named', () => {
    expect(refusal(slack('missing_scope', { needed: 'files:write' }))!.message).toMatch(
      /scope files:write: add it/,
    );
  });
  it('what may pass, or is ours to mend, is not final', () => {
    for (const error of ['msg_too_long', 'internal_error', 'ratelimited', 'invalid_auth', 'invalid_blocks'])
      expect(refusal(slack(error))).toBeUndefined();
    expect(refusal(new TypeError('fetch failed'))).toBeUndefined();
  });
  it('leave no doubt where Slack said no', () => {
    expect(isDoubtful(slack('not_in_channel'))).toBe(false);
    expect(isDoubtful(slack('fatal_error'))).toBe(true);
    expect(isDoubtful(new Error('socket hang up'))).toBe(true);
    const limited = Object.assign(new Error(), { code: 'slack_webapi_rate_limited_error', retryAfter: 7 });
    expect([isDoubtful(limited), retryAfter(limited)]).toEqual([false, 7]);
  });
  it('tell people what they can do, and nothing of our insides', () => {
    expect(forPerson(new UserError('too large'))).toBe('too large');
    expect(forPerson(slack('not_in_channel'))).toMatch(/invite/);
    expect(forPerson(new Error('ECONNREFUSED 10.0.0.1'))).toMatch(/our side/);
    expect(JSON.stringify(loggable(slack('x', { message: 'my secret' })))).not.toContain('my secret');
  });
});

describe('the pace', () => {
  it('is one message an interval in each channel, in order', async () => {
    const pace = new PostPacer(40);
    const went: string[] = [];
    const began = Date.now();
    await Promise.all(
      ['a1', 'a2', 'b1', 'a3'].map(async (name) => {
        await pace.turn(name[0]!);
        went.push(name);
      }),
    );
    expect(went).toEqual(['a1', 'b1', 'a2', 'a3']);
    expect(Date.now() - began).toBeGreaterThanOrEqual(75);
  });
  it('is held when Slack asks for it, and not waited for when that is long', async () => {
    const pace = new PostPacer(0);
    pace.hold('a', 30);
    const began = Date.now();
    await pace.turn('a');
    expect(Date.now() - began).toBeGreaterThanOrEqual(25);
    pace.hold('a', 100_000);
    await expect(pace.turn('a')).rejects.toThrow(/for 100 s/);
    await pace.turn('b');
  });
  it('keeps nobody who wants to stop', async () => {
    const pace = new PostPacer(0);
    pace.hold('a', 20_000);
    const waiting = pace.turn('a');
    pace.stop();
    await expect(waiting).rejects.toThrow();
  });
});

it('what was put in longest ago is forgotten first', () => {
  const recent = new Recent<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  recent.set('a', 3);
  recent.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([3, undefined, 4]);
});
