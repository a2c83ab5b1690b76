/** `dedit jobs`, asked of the dedit that runs: what was given up is seen, tried again, or taken out. */
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { answerJobs } from '../../src/app/jobs.js';
import { askHolder } from '../../src/sessions/folderLock.js';
import { openChat } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

it('lists what was given up without what people wrote; retry makes its picture after all, drop forgets it', async () => {
  let broken = true;
  const fake = new FakeEngine({
    onEdit: () => {
      if (broken) throw new Error('the card fell out');
    },
  });
  const chat = await openChat({ fake, learn: 'lazy' });
  const asked = async (...words: string[]) => {
    const socket = await askHolder(join(chat.dataDir, 'database'), ['jobs', ...words].join(' '));
    return JSON.parse(await text(socket!)) as { text?: string; refused?: string };
  };
  const { prisma } = chat.dedit.sessions;
  await chat.upload();
  await chat.settled();
  expect((await asked()).text).toBe('given up: 0 jobs\nwaiting: 0 jobs');
  expect((await chat.ask('remove 2'))[0]!.kind).toBe('refusal');
  expect((await chat.ask('make 1 red'))[0]!.kind).toBe('refusal');

  const listed = (await asked()).text!;
  expect(listed).toMatch(/^given up: 2 jobs\n {2}[0-9a-f]{8} {2}edit {4}web {6}0 min old, tried 3 times: /);
  expect(listed).not.toMatch(/remove|red/);
  const [first, second] = [...listed.matchAll(/^ {2}([0-9a-f]{8}) /gm)].map(([, id]) => id!);

  broken = false;
  expect(await asked('retry', first!)).toEqual({ text: 'waiting again: 1 job' });
  await expect.poll(() => chat.platform.in('t').at(-2)?.text, { timeout: 20_000 }).toBe('1: remove 2');
  expect(await asked('drop', second!)).toEqual({ text: 'dropped: 1 job' });
  await chat.settled();
  expect((await asked()).text).toBe('given up: 0 jobs\nwaiting: 0 jobs');
  expect(await chat.dedit.sessions.tasks.depth()).toEqual({ waiting: 0, dead: 0 });

  // the picture that came late can be gone on from
  const { thread } = (await prisma.session.findFirst())!;
  expect(thread).toBe('t');
  expect((await chat.ask('use 1'))[0]!.kind).toBe('refusal');
  const late = chat.platform.posts.find(({ reply }) => reply.text === '1: remove 2')!.id;
  expect((await chat.ask('make 1 blue', { replyTo: late }))[0]!.kind).toBe('result');

  expect((await asked('retry', 'ffff')).refused).toContain('no such job ffff');
  expect((await asked('explode')).refused).toContain('dedit jobs retry');
  expect(await answerJobs(chat.dedit.sessions, 'drop')).toBe('dropped: 0 jobs');
  await chat.close();
});
