import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  choicesProblems,
  commandProblems,
  messageProblems,
  modalProblems,
  threadProblems,
} from '../../support/discordDouble/limits.js';
import { DiscordDouble } from '../../support/discordDouble/index.js';

/** The double is only worth what it refuses. */
const row = (...components: object[]) => ({ type: 1, components });
const button = (more: object = {}) => ({
  type: 2,
  style: 2,
  label: 'x',
  custom_id: `id${Math.random()}`,
  ...more,
});
const select = (options: object[]) => ({ type: 3, custom_id: 's', options });
const option = (i: number) => ({ label: `l${i}`, value: `v${i}` });

describe('limits', () => {
  it.each<[string, object]>([
    ['text of 2001', { content: 'x'.repeat(2001) }],
    ['nothing', { content: '' }],
    ['six buttons in a row', { components: [row(...Array.from({ length: 6 }, () => button()))] }],
    ['six rows', { components: Array.from({ length: 6 }, () => row(button())) }],
    ['an empty row', { components: [row()] }],
    [
      'the same custom_id twice',
      { components: [row(button({ custom_id: 'a' }), button({ custom_id: 'a' }))] },
    ],
    ['a custom_id of 101', { components: [row(button({ custom_id: 'x'.repeat(101) }))] }],
    ['a label of 81', { components: [row(button({ label: 'x'.repeat(81) }))] }],
    ['a link with a custom_id', { components: [row(button({ style: 5, url: 'https://a.b' }))] }],
    ['a link to a file', { components: [row({ type: 2, style: 5, label: 'x', url: 'file:///etc' })] }],
    ['26 options', { components: [row(select(Array.from({ length: 26 }, (_, i) => option(i))))] }],
    ['no option', { components: [row(select([]))] }],
    ['two menus in a row', { components: [row(select([option(1)]), select([option(1)]))] }],
    ['an embed of 4097', { embeds: [{ description: 'x'.repeat(4097) }] }],
    ['a description of 1025', { content: 'x', attachments: [{ id: 0, description: 'x'.repeat(1025) }] }],
    ['an attachment that is not there', { content: 'x', attachments: [{ id: 7 }] }],
    ['a nonce of 26', { content: 'x', nonce: 'x'.repeat(26) }],
  ])('refuse %s', (_, body) => {
    expect(messageProblems({ ...body }, [], [], false).length).toBeGreaterThan(0);
  });
  it('refuse modals, choices, threads and commands', () => {
    const input = { type: 4, custom_id: 'w', style: 1 };
    const modal = {
      custom_id: 'm',
      title: 'x'.repeat(46),
      components: [{ type: 18, label: 'l', component: input }],
    };
    expect(modalProblems(modal)).toHaveLength(1);
    expect(
      choicesProblems({ choices: Array.from({ length: 26 }, () => ({ name: 'a', value: 'a' })) }),
    ).toHaveLength(1);
    expect(threadProblems({ name: 'x'.repeat(101), auto_archive_duration: 5 })).toHaveLength(2);
    expect(commandProblems([{ name: 'Upper', description: '' }])).toHaveLength(2);
  });
});

describe('REST', () => {
  let double: DiscordDouble;
  beforeAll(async () => {
    double = await DiscordDouble.start();
  });
  afterAll(() => double.stop());
  const call = (path: string, body: object, token = double.token) =>
    fetch(`${double.api}/v10${path}`, {
      method: 'POST',
      headers: { authorization: `Bot ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  it('enforces the limits it announces', async () => {
    const path = `/channels/${double.channel}/messages`;
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await call(path, { content: 'x' })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const { retry_after } = (await (await call(path, { content: 'x' })).json()) as { retry_after: number };
    await new Promise((done) => setTimeout(done, retry_after * 1000 + 5));
    expect((await call(path, { content: 'x' })).headers.get('x-ratelimit-remaining')).toBe('4');
    expect((await call(path, {}, 'wrong')).status).toBe(401);
  });
  it('takes one acknowledgement, in time', async () => {
    const ada = double.person('Ada');
    const asked = double.help(ada);
    const path = `/interactions/${asked.id}/${asked.token}/callback`;
    expect((await call(path, { type: 5, data: {} })).status).toBe(204);
    expect(await (await call(path, { type: 5 })).json()).toMatchObject({ code: 40060 });
    const late = double.help(ada);
    double.interactions.ackWithinMs = 10;
    await new Promise((done) => setTimeout(done, 20));
    const answer = await call(`/interactions/${late.id}/${late.token}/callback`, { type: 5 });
    expect(await answer.json()).toMatchObject({ code: 10062 });
    expect(double.problems()).toEqual([`interaction ${late.id} was never acknowledged`]);
  });
});
