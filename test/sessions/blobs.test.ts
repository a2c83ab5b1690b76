import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/engine/errors.js';
import { Blobs } from '../../src/sessions/blobs.js';
import { openChat } from '../support/conversation.js';
import { openS3 } from '../support/s3.js';
import { TinyDisk } from '../support/tinyDisk.js';

const bytes = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed) % 256);

/** Where blobs lie in these tests, made when the tests run. */
const PLACES = {
  'a folder': async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'dedit-blobs-'));
    return {
      blobs: await Blobs.of({ DATA_DIR, S3_REGION: 'us-east-1' }),
      close: () => rmSync(DATA_DIR, { recursive: true }),
    };
  },
  'an S3 bucket': async () => {
    const { config, close } = await openS3();
    return { blobs: await Blobs.of(config), close };
  },
} as const;

describe.each(Object.entries(PLACES))('blobs in %s', (_, open) => {
  let place: Awaited<ReturnType<typeof open>>;
  let blobs: Blobs;
  beforeAll(async () => {
    place = await open();
    ({ blobs } = place);
  }, 60_000);
  afterAll(() => place?.close());

  const isGone = (key: string) => expect(blobs.get(key), key).rejects.toThrow();

  it.each([0, 1, 300, 3_000_000])('come back as they were: %i bytes', async (length) => {
    const key = await blobs.put('s', 'picture.png', bytes(length));
    expect(Buffer.compare(await blobs.get(key), bytes(length))).toBe(0);
  });

  it('never take the place of others of the same name', async () => {
    const keys = await Promise.all([1, 2, 3].map((seed) => blobs.put('s', 'mask.zz', bytes(10, seed))));
    expect(new Set(keys).size).toBe(3);
    for (const [i, key] of keys.entries()) expect([...(await blobs.get(key))]).toEqual([...bytes(10, i + 1)]);
  });

  it('are stored together under their names', async () => {
    const keys = await blobs.putAll('s', { 'a.png': bytes(5, 1), 'b.png': bytes(5, 2) });
    expect([...(await blobs.get(keys['a.png']))]).toEqual([...bytes(5, 1)]);
    expect([...(await blobs.get(keys['b.png']))]).toEqual([...bytes(5, 2)]);
  });

  it('are forgotten with their session, and no others with them', async () => {
    const [mine, longer, other] = await Promise.all(
      ['abc', 'abcd', 'ab'].map((session) => blobs.put(session, 'x', bytes(3))),
    );
    await blobs.forget('abc');
    await isGone(mine!);
    for (const key of [longer!, other!]) expect(await blobs.get(key)).toHaveLength(3);
  });

  it('are forgotten also when there are more than a listing holds', async () => {
    const keys: string[] = [];
    for (let i = 0; i < 51; i++)
      keys.push(...(await Promise.all(Array.from({ length: 20 }, () => blobs.put('many', 'x', bytes(1))))));
    await blobs.forget('many');
    for (const key of [keys[0]!, keys[500]!, keys[1019]!]) await isGone(key);
  });

  it('of a session that has none may be forgotten, twice', async () => {
    await blobs.forget('nobody');
    await blobs.forget('nobody');
  });

  it.each([
    '../../../../etc/passwd',
    '/etc/passwd',
    'sessions/../../etc/passwd',
    'sessions/s/../t/x',
    'http://127.0.0.1/x',
    'sessions/s/\0',
    'sessions/s/none',
    '',
  ])('have no key %j', isGone);

  it('carry a whole conversation', async () => {
    const chat = await openChat({ blobs });
    try {
      await chat.upload();
      await chat.settled();
      expect((await chat.ask('remove 2, then replace 3 with a cat')).map(({ kind }) => kind)).toEqual([
        ...['result', 'result', 'overlay'],
      ]);
      const shown = await chat.ask('show');
      expect((await sharp(shown[0]!.picture!.png).metadata()).width).toBe(32);
      const { id, learnedKey } = await chat.dedit.sessions.prisma.session.findFirstOrThrow();
      const { pictureKey } = await chat.dedit.sessions.prisma.revision.findFirstOrThrow({
        where: { number: 2 },
      });
      for (const key of [learnedKey!, pictureKey!]) {
        expect(key.startsWith(`sessions/${id}/`)).toBe(true);
        await blobs.get(key);
      }
      await chat.say('forget');
      await expect.poll(() => chat.platform.in('t').at(-1)!.text).toMatch(/^Forgotten/);
      for (const key of [learnedKey!, pictureKey!]) await isGone(key);
    } finally {
      await chat.close();
    }
  });
});

it('a bucket that does not answer is an error with its cause, not a full disk', async () => {
  const blobs = await Blobs.of({
    DATA_DIR: '/nowhere',
    S3_BUCKET: 'b',
    S3_ENDPOINT: 'http://127.0.0.1:1',
    S3_REGION: 'us-east-1',
    S3_ACCESS_KEY_ID: 'a',
    S3_SECRET_ACCESS_KEY: 'b',
  });
  const error: unknown = await blobs.put('s', 'x', bytes(1)).catch((e: unknown) => e);
  expect(error).not.toBeInstanceOf(UserError);
  expect((error as { cause: { code: string } }).cause.code).toBe('ECONNREFUSED');
});

const FULL = /the disk of this bot is full: ask whoever runs it to make room/;

/** A folder whose disk is full when it is told so; half of a file still goes on it, as on real ones. */
class Filling extends FSDriver {
  /** How many more files go on it. */
  room = Infinity;

  constructor(
    readonly dir: string,
    private readonly code: string,
  ) {
    super({ location: dir, visibility: 'private' });
  }

  override async put(key: string, contents: Uint8Array): Promise<void> {
    if (this.room-- > 0) return await super.put(key, contents);
    await super.put(key, contents.subarray(0, contents.length >> 1));
    throw Object.assign(new Error(`${this.code}: cannot write`), { code: this.code });
  }
}

/** The same on a double and on a real disk. */
interface Small {
  readonly blobs: Blobs;
  readonly dir: string;
  /** Leaves room for so many small files. */
  readonly fill: (left: number) => void;
  readonly makeRoom: () => void;
  readonly close: () => void;
}
const double = (code: string) => (): Small => {
  const driver = new Filling(mkdtempSync(join(tmpdir(), 'dedit-full-')), code);
  return {
    blobs: new Blobs(new Disk(driver)),
    dir: driver.dir,
    fill: (left) => (driver.room = left),
    makeRoom: () => (driver.room = Infinity),
    close: () => rmSync(driver.dir, { recursive: true }),
  };
};
const real = (): Small => {
  const disk = new TinyDisk();
  return {
    blobs: Blobs.inFolder(disk.dir),
    dir: disk.dir,
    fill: (left) => disk.fill(left),
    makeRoom: () => disk.makeRoom(),
    close: () => disk.close(),
  };
};
if (!TinyDisk.possible) console.warn('skipped: a really full disk (root on Linux may mount one)');

const DISKS: [string, () => Small][] = [
  ['a full disk (ENOSPC)', double('ENOSPC')],
  ['a used up quota (EDQUOT)', double('EDQUOT')],
  ...(TinyDisk.possible ? [['a real full disk', real] as [string, () => Small]] : []),
];

describe.each(DISKS)('%s', (_, open) => {
  let disk: Small;
  let chat: Awaited<ReturnType<typeof openChat>>;
  beforeAll(async () => {
    disk = open();
    chat = await openChat({ blobs: disk.blobs });
  });
  afterAll(async () => {
    await chat?.close();
    disk?.close();
  });
  afterEach(() => disk.makeRoom());

  /** What lies there and no row names. */
  const strays = async (): Promise<string[]> => {
    const { prisma } = chat.dedit.sessions;
    const [sessions, revisions] = await Promise.all([prisma.session.findMany(), prisma.revision.findMany()]);
    const named = new Set([
      ...sessions.map(({ learnedKey }) => learnedKey),
      ...revisions.flatMap((r) => [r.sourceKey, r.pictureKey, r.labelsKey, r.overlayKey]),
    ]);
    return readdirSync(disk.dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'filler')
      .map(({ parentPath, name }) => join(parentPath, name).slice(disk.dir.length + 1))
      .filter((key) => !named.has(key));
  };

  it('a picture is refused, with what to do', async () => {
    disk.fill(0);
    await chat.upload();
    await expect.poll(() => chat.platform.in('t')).toHaveLength(1);
    expect(chat.platform.in('t')[0]).toMatchObject({
      kind: 'refusal',
      text: expect.stringMatching(FULL) as string,
    });
    expect(await chat.dedit.sessions.prisma.session.count()).toBe(0);
    expect(await strays()).toEqual([]);
  });

  it('after room is made the same picture is taken', async () => {
    await chat.upload();
    await chat.settled();
    expect(chat.platform.last('t').reply.kind).toBe('overlay');
    // its items are learned while there is room, with the first edit that needs it
    const said = await chat.ask('replace 3 with a fox');
    expect(said[0]!.kind).toBe('result');
  });

  it.each([0, 1, 2])(
    'an edit whose result finds room for %i files of 3 fails, with what to do',
    async (left) => {
      disk.fill(left);
      const said = await chat.ask('replace 2 with a cat');
      expect(said).toHaveLength(1);
      expect(said[0]).toMatchObject({ kind: 'refusal', text: expect.stringMatching(FULL) as string });
      expect(await strays()).toEqual([]);
    },
  );

  it('so does a mask', async () => {
    disk.fill(0);
    const mask = await sharp({ create: { width: 32, height: 24, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    await chat.send({
      ...{ kind: 'say', id: 'mask', platform: 'web', thread: 't', user: 'ann' },
      text: 'reshape 2',
      attachment: mask,
    });
    await chat.settled();
    expect(chat.platform.last('t').reply).toMatchObject({
      kind: 'refusal',
      text: expect.stringMatching(FULL) as string,
    });
    expect(await strays()).toEqual([]);
  });

  it('nothing of the session is lost meanwhile', async () => {
    disk.fill(0);
    const [shown] = await chat.ask('show');
    expect((await sharp(shown!.picture!.png).metadata()).width).toBe(32);
    const done = await chat.dedit.sessions.prisma.revision.findMany({ where: { status: 'DONE' } });
    expect(done.map(({ number }) => number)).toEqual([0, 1]);
  });

  it('after room is made the same words work', async () => {
    const said = await chat.ask('replace 2 with a cat');
    expect(said.map(({ kind }) => kind)).toEqual(['result', 'overlay']);
  });
});

it('a folder that may not be written is an error, not a full disk', async () => {
  const disk = double('EACCES')();
  disk.fill(0);
  const error: unknown = await disk.blobs.put('s', 'x', bytes(9)).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(UserError);
  disk.close();
});
