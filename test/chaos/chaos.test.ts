import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generator, type Random } from '../fuzz/harness.js';
import { postgresBin, startPostgres } from '../support/postgres.js';
import { openS3 } from '../support/s3.js';
import { TinyDisk } from '../support/tinyDisk.js';
import { broken, type Said } from './check.js';
import { storm } from './storm.js';
import { type Bucket, type Server, Town } from './town.js';

/** By `npm run chaos`, not in CI. */
const MINUTES = Number(process.env.DEDIT_CHAOS_MINUTES ?? 0);
const SEED = Number(process.env.DEDIT_CHAOS_SEED ?? Date.now() % 1e6);
/** Of storm in each act; then all is mended, and is to be well within the patience. */
const ACT = 45_000;
const PATIENCE = 180_000;
const THREADS = 8;

/** A person: a picture, then one wish after the other, and at the end perhaps that all of it be forgotten. */
async function person(town: Town, name: string, end: number, random: Random): Promise<Said[]> {
  const said: Omit<Said, 'acknowledged'>[] = [];
  const origin = { platform: 'web', thread: name, user: name };
  const say = async (kind: Said['kind'], text: string): Promise<boolean> => {
    const id = `${name}-${said.length}`;
    said.push({ id, thread: name, kind, text });
    return await town.tell({ ...origin, id, kind, text } as never, end + PATIENCE, random(8) === 0);
  };
  const cut = (): boolean =>
    town.received().some(({ thread, kind }) => thread === name && kind === 'overlay');
  if (await say('upload', '')) {
    while (!cut() && Date.now() < end + PATIENCE) await sleep(300);
    for (let i = 1; Date.now() < end; i++) {
      await say('say', random(10) ? `make 2 look${i}` : 'history');
      await sleep(random(1200));
    }
    if (random(4) === 0) await say('say', 'forget');
  }
  return said.map((event) => ({ ...event, acknowledged: town.acknowledged.has(event.id) }));
}

describe.skipIf(MINUTES === 0)(`chaos, DEDIT_CHAOS_SEED=${SEED}`, () => {
  let server: Server;
  let bucket: Bucket;
  beforeAll(async () => {
    server = await startPostgres(postgresBin()!);
    bucket = await openS3();
  }, 60_000);
  afterAll(() => {
    server?.stop();
    bucket?.close();
  });

  const stop = Date.now() + MINUTES * 60_000;
  const acts = Array.from({ length: Math.max(1, Math.ceil(MINUTES)) }, (_, act) => act);
  it.each(acts)(
    'act %i breaks no promise',
    async (act) => {
      if (act > 0 && Date.now() > stop) return;
      const random = generator(SEED + act);
      const disk = act % 2 === 1 && TinyDisk.possible;
      const town = await Town.open(server, bucket, { act, disk, random });
      const start = Date.now();
      const done: string[] = [];
      const note = (what: string): void =>
        void done.push(`${((Date.now() - start) / 1000).toFixed(1)} s: ${what}`);
      try {
        const end = start + ACT;
        const people = Array.from({ length: THREADS }, (_, i) =>
          person(town, `t${i}`, end, generator(SEED + 100 * act + i)),
        );
        // half of the pictures come in the calm
        const cut = () => new Set(town.received().map(({ thread }) => thread)).size;
        while (cut() < THREADS / 2 && Date.now() < end) await sleep(200);
        await storm(town, end, random, note);
        await town.heal();
        const said = (await Promise.all(people)).flat();
        const left = await town.left(PATIENCE);
        const received = town.received();
        const found = broken(said, received, left);
        const told = new Set(received.map(({ key }) => key)).size;
        const gaveUp = received.filter(
          ({ kind, text }) => kind !== 'result' && / could not be done: /.test(text),
        );
        console.log(
          [
            `act ${act}, seed ${SEED + act}, pictures ${disk ? 'on a small disk' : 'in a bucket'}: ${said.length} events, `,
            `${told} messages, ${received.length - told} sent again with their key, ${gaveUp.length} given up, `,
            `${done.length} troubles, quiet ${((Date.now() - end) / 1000).toFixed(0)} s after; broken: ${found.length}`,
          ].join(''),
        );
        if (found.length > 0) {
          console.log(done.join('\n'));
          for (const { name, logged } of town.members)
            console.log(name, [...new Set(logged)].slice(-15).join('\n  '));
        }
        expect(found).toEqual([]);
      } finally {
        server.signal('SIGCONT');
        await town.close();
      }
    },
    ACT + 3 * PATIENCE,
  );
});
