import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blobs } from '../../src/sessions/blobs.js';
import { openDatabase } from '../../src/sessions/database.js';
import { filesIn, openFolder } from '../../src/sessions/embedded.js';
import { template } from '../support/database.js';
import { PowerLoss } from '../support/powerLoss.js';

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'dedit-durable-'))));
afterAll(() => rmSync(dir, { recursive: true, force: true }), 60_000);

const CRASHES = Number(process.env.DEDIT_CRASHES ?? 1);
let state = 20261124;
const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;

/** Writes rows, each marked when it was acknowledged; the power may go at any moment of that. */
async function record(sync: boolean): Promise<PowerLoss> {
  const at = join(dir, sync ? 'synced' : 'unsynced');
  cpSync(await template(), at, { recursive: true });
  const power = new PowerLoss(at, `${at}-aside`);
  try {
    const { pglite } = await openFolder(at, sync);
    await pglite.exec('CREATE TABLE said (n int PRIMARY KEY, words text)');
    power.mark('table');
    for (let n = 0; n < 60; n++) {
      await pglite.query('INSERT INTO said VALUES ($1, $2)', [n, 'word '.repeat(n % 7 ? 20 : 2000)]);
      power.mark(String(n));
      if (n % 20 === 19) await pglite.exec('CHECKPOINT');
    }
    await pglite.close();
  } finally {
    power.stop();
  }
  return power;
}

/** What of the acknowledged is gone after a power cut; undefined when the database does not even open. */
async function lost(power: PowerLoss, end: number): Promise<string[] | undefined> {
  const at = join(dir, 'crashed');
  rmSync(at, { recursive: true, force: true });
  power.crash(end, at, random);
  const acknowledged = power.marks(end).filter((mark) => mark !== 'table');
  try {
    const { pglite } = await openFolder(at, false);
    const { rows } = await pglite.query<{ n: number }>('SELECT n FROM said');
    await pglite.close();
    const there = new Set(rows.map(({ n }) => String(n)));
    return acknowledged.filter((n) => !there.has(n));
  } catch {
    return undefined;
  }
}

describe('after a power cut', () => {
  it('all that was acknowledged is there', async () => {
    const power = await record(true);
    const start = power.marks(power.length).length > 0 ? power.length / 3 : 0;
    for (let i = 0; i < CRASHES; i++) {
      const end = Math.floor(start + random() * (power.length - start));
      expect(await lost(power, end), `cut before change ${end} of ${power.length}`).toEqual([]);
    }
  });

  it('without fsync it is not: the test can tell', async () => {
    const power = await record(false);
    expect(await lost(power, Math.floor(power.length * 0.8))).not.toEqual([]);
  });
});

describe('of pictures', () => {
  /** Stores pictures side by side, each marked when it was acknowledged; then the power goes at every moment of that. */
  async function spoilt(sync: boolean): Promise<number> {
    const at = join(dir, sync ? 'pictures' : 'pictures-unsynced');
    mkdirSync(at);
    const power = new PowerLoss(at, `${at}-aside`);
    const pictures = new Map<string, Uint8Array>();
    try {
      const blobs = Blobs.inFolder(at, sync);
      for (let session = 0; session < 4; session++)
        await Promise.all(
          Array.from({ length: 3 }, async (_, i) => {
            const bytes = new Uint8Array(5000).fill(1 + session * 3 + i);
            const key = await blobs.put(`session${session}`, 'picture', bytes);
            pictures.set(key, bytes);
            power.mark(key);
          }),
        );
    } finally {
      power.stop();
    }
    let lost = 0;
    for (let end = 0; end <= power.length; end++) {
      const crashed = join(dir, 'crashed-pictures');
      rmSync(crashed, { recursive: true, force: true });
      power.crash(end, crashed, random);
      for (const key of power.marks(end)) {
        const path = join(crashed, key);
        if (!existsSync(path) || Buffer.compare(readFileSync(path), pictures.get(key)!) !== 0) lost++;
      }
    }
    expect(pictures.size).toBe(12);
    return lost;
  }

  it('none that was stored is lost to a power cut at any moment', async () => {
    expect(await spoilt(true)).toBe(0);
  });

  it('without fsync some are: the test can tell', async () => {
    expect(await spoilt(false)).toBeGreaterThan(0);
  });
});

describe('files that cannot be read', () => {
  /** A database with a session, a snapshot of it, and a second session after that. */
  async function made(name: string): Promise<{ at: string; table: string }> {
    const at = join(dir, name);
    cpSync(await template(), at, { recursive: true });
    const database = await openDatabase({ dir: at, sync: false });
    await database.prisma.event.create({ data: { platform: 'web', id: 'before' } });
    expect(await database.keepCopy!()).toBe(true);
    expect(await database.keepCopy!()).toBe(false); // nothing new
    await database.prisma.event.create({ data: { platform: 'web', id: 'after' } });
    const [{ path }] = await database.prisma.$queryRaw<[{ path: string }]>`
      SELECT pg_relation_filepath('"Event"') AS path`;
    await database.close();
    return { at, table: join(filesIn(at), path) };
  }
  it.each([
    ['the control file is empty', (at: string) => truncateSync(join(filesIn(at), 'global', 'pg_control'), 0)],
    ["a table's pages are noise", (_: string, table: string) => writeFileSync(table, Buffer.alloc(8192, 7))],
  ])('%s: it goes back to its snapshot, and says so', async (name, spoil) => {
    const { at, table } = await made(name.replaceAll(/\W/g, '-'));
    spoil(at, table);
    const database = await openDatabase({ dir: at, sync: false });
    expect(database.recovered).toMatch(/could not be read .* it is as it was at 2\d{3}-.*Z, .* are kept in /);
    expect(database.recovered).not.toContain('\n');
    expect((await database.prisma.event.findMany()).map(({ id }) => id)).toEqual(['before']);
    await database.close();
    expect(readdirSync(at).some((entry) => entry.startsWith('pg.broken-'))).toBe(true);
    const again = await openDatabase({ dir: at, sync: false });
    expect(again.recovered).toBeUndefined();
    await again.close();
  });

  it('without a snapshot a sentence says what to do, and nothing is touched', async () => {
    const at = join(dir, 'none');
    cpSync(await template(), at, { recursive: true });
    truncateSync(join(filesIn(at), 'global', 'pg_control'), 0);
    await expect(openDatabase({ dir: at, sync: false })).rejects.toThrow(
      /^the database in .* cannot be read \(.*\), and has no snapshot yet: bring back a backup, or move/,
    );
    expect(existsSync(filesIn(at))).toBe(true);
  });
});
