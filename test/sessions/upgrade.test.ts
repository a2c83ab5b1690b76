import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { expect, it } from 'vitest';
import { FIXTURES } from '../fixtures.js';
import { Blobs } from '../../src/sessions/blobs.js';
import { openChat, photo } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

it('a database of commit ee29d69 is brought up to date, and its work goes on where it was', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'dedit-upgrade-'));
  mkdirSync(join(dataDir, 'database'));
  const old = await PGlite.create(join(dataDir, 'database', 'pg'));
  await old.exec(readFileSync(join(FIXTURES, 'database', 'ee29d69.sql'), 'utf8'));
  await old.exec(`UPDATE "Revision" SET "edit" = '{"kind":"merge","a":2,"b":1}' WHERE "number" = 6`);
  await old.exec(
    `UPDATE "Revision" SET "edit" = '{"kind":"imagine","item":2,"words":"at sea"}' WHERE "number" = 5`,
  );
  await old.close();
  const cut = await new FakeEngine().segment(await photo());
  const blobs = Blobs.inFolder(join(dataDir, 'blobs'));
  blobs.get = async (key) => (key.endsWith('labels.png') ? cut.labels : cut.picture); // its files were some bytes

  const chat = await openChat({ dataDir, blobs });
  const { prisma } = chat.dedit.sessions;
  const tasks = async (thread: string) =>
    (
      await prisma.task.findMany({
        where: { session: { thread } },
        include: { revision: true },
        orderBy: [{ revision: { number: 'asc' } }, { kind: 'asc' }],
      })
    ).map(({ kind, status, attempts, revision }) => `${revision.number} ${kind} ${status} ${attempts}`);
  for (const thread of ['waiting', 'new', 'unsent']) await chat.settled(thread);
  expect(await tasks('done')).toEqual([
    ...['0 segment DONE 1', '0 learn DONE 1'],
    ...[1, 2, 3, 4, 5, 6].map((number) => `${number} edit DONE 1`),
  ]);
  expect(await tasks('unlearned')).toEqual(['0 segment DONE 1', '0 learn FAILED 3', '1 edit DONE 1']);
  // what was under way when it was dumped ran twice; what waited behind it followed
  expect(await tasks('waiting')).toEqual([
    ...['0 segment DONE 1', '0 learn DONE 1'],
    ...['1 edit DONE 2', '2 edit DONE 1', '3 edit DONE 1'],
  ]);
  expect(await tasks('new')).toEqual(['0 segment DONE 1', '0 learn DONE 1']);
  expect(chat.platform.in('waiting').map(({ text }) => text.split('.')[0])).toEqual([
    ...['1: make 2 red', '2: remove 3', '3: make 2 blue', 'Now: 1 grass, 2 dog, 3 tree'],
  ]);
  expect(chat.platform.in('unsent').map(({ kind }) => kind)).toEqual(['history']);
  const at = async (number: number) =>
    await prisma.revision.findFirstOrThrow({ where: { session: { thread: 'done' }, number } });
  expect((await at(5)).edit).toEqual({ kind: 'imagine', of: [{ item: 2 }], words: 'at sea' });
  expect((await at(6)).edit).toEqual({ kind: 'merge', items: [2, 1] });
  expect(await prisma.$queryRaw`SELECT 1 FROM pg_namespace WHERE nspname = 'pgboss'`).toEqual([]);
  expect((await chat.ask('make 2 green', { thread: 'unlearned', user: 'bob' }))[0]!.kind).toBe('result');
  await chat.close();
  rmSync(dataDir, { recursive: true, force: true });
});
