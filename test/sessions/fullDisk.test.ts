import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/sessions/database.js';
import { openChat } from '../support/conversation.js';
import { putDatabase } from '../support/database.js';
import { TinyDisk } from '../support/tinyDisk.js';

if (!TinyDisk.possible) console.warn('skipped: a really full disk (root on Linux may mount one)');

describe.runIf(TinyDisk.possible)('a data folder on a disk that is really full', () => {
  let disk: TinyDisk;
  beforeEach(() => (disk = new TinyDisk('120m')));
  afterEach(() => disk.close());

  it('is said by readiness, words are refused in a sentence, and all goes on by itself when there is room', async () => {
    const chat = await openChat({ dataDir: disk.dir, reserve: 16 * 2 ** 20 });
    await chat.upload();
    await chat.settled();
    disk.fill(0);
    await expect.poll(() => chat.dedit.whyNotReady(), { timeout: 10_000 }).toContain('the disk is full');
    const pictures = await chat.dedit.sessions.prisma.revision.count();
    await chat.say('remove 2');
    expect(chat.platform.in('t').at(-1)!.text).toMatch(/^the disk of this bot is full: ask whoever runs it/);
    await chat.upload('other');
    expect(await chat.dedit.sessions.prisma.revision.count()).toBe(pictures);
    disk.makeRoom();
    await expect.poll(() => chat.dedit.whyNotReady(), { timeout: 10_000 }).toBeUndefined();
    expect((await chat.ask('remove 2'))[0]!.kind).toBe('result');
    await chat.close();
  });

  it('to the last byte ends the process with a sentence; nothing acknowledged is lost', async () => {
    await putDatabase(disk.dir);
    const dir = join(disk.dir, 'database');
    const child = fork('test/support/lastByte.mjs', [dir], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const said = text(child.stderr!);
    expect(await once(child, 'message')).toEqual(['stored', undefined]);
    disk.fill(0);
    const ended = once(child, 'exit');
    child.send('go');
    expect(await ended).toEqual([1, null]);
    expect(await said).toMatch(/^dedit: the database has stopped .* make room and start again/m);
    // files that are whole are not taken for spoilt ones while there is no room
    await expect(openDatabase({ dir })).rejects.toMatchObject({ code: 'ENOSPC' });
    disk.makeRoom();
    const database = await openDatabase({ dir });
    expect(database.recovered).toBeUndefined();
    expect((await database.prisma.event.findMany()).map(({ id }) => id)).toEqual(['acknowledged']);
    await database.close();
  });
});
