import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

const KILLS = 20;

it(`killed ${KILLS} times at random moments, a session loses nothing and does nothing twice`, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dedit-kill-'));
  const [posts, edits] = [join(dir, 'posts'), join(dir, 'edits')];
  let state = 7;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;

  const origin = { platform: 'web', thread: 't', user: 'ann' };
  const events = [
    { ...origin, id: 'upload', kind: 'upload' },
    ...Array.from({ length: 2 * KILLS }, (_, i) => ({
      ...origin,
      id: `m${i}`,
      kind: 'say',
      text: `make 2 look${i}`,
    })),
  ];
  const acknowledged = new Set<string>();
  let settled = false;

  const start = async (): Promise<ChildProcess> => {
    const child = fork('test/support/mortal.mjs', [join(dir, 'data'), posts, edits], {
      serialization: 'advanced',
    });
    await new Promise<void>((resolve, reject) => {
      child.on('message', (told: { acknowledged?: string; ready?: boolean; settled?: boolean }) => {
        if (told.acknowledged) acknowledged.add(told.acknowledged);
        if (told.settled) settled = true;
        if (told.ready) resolve();
      });
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    });
    return child;
  };
  /** Says what was never acknowledged, as platforms do. */
  const tell = (child: ChildProcess, limit: number): void => {
    for (const event of events.slice(0, limit)) if (!acknowledged.has(event.id)) child.send(event);
  };

  // the picture is cut before anybody talks of its items
  const first = await start();
  first.send(events[0]!);
  await expect.poll(() => acknowledged.size, { timeout: 60_000 }).toBe(1);
  settled = false; // a thread that is not there yet is settled too
  await expect.poll(() => settled, { timeout: 60_000 }).toBe(true);
  await sleep(200);
  first.kill('SIGKILL');
  await new Promise((resolve) => first.once('exit', resolve));
  for (let kill = 0; kill < KILLS; kill++) {
    const child = await start();
    tell(child, 2 * (kill + 1));
    await sleep(random() * 250);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  const last = await start();
  tell(last, events.length);
  await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBe(events.length);
  settled = false;
  await expect.poll(() => settled, { timeout: 60_000 }).toBe(true);
  settled = false;
  await expect.poll(() => settled, { timeout: 60_000 }).toBe(true);
  last.kill('SIGKILL');

  const lines = readFileSync(posts, 'utf8').trim().split('\n');
  const told = new Map(
    lines
      .map((line) => JSON.parse(line) as { key: string; kind: string; text: string })
      .map((p) => [p.key, p]),
  );
  const results = [...told.values()]
    .filter(({ kind }) => kind === 'result')
    .map(({ text }) => text.replace(/^\d+: /, ''));
  const wanted = events.slice(1).map((event) => (event as { text: string }).text);
  // what was under way at three kills is given up, and said to be: on a fast machine that is nothing
  const givenUp = [...told.values()].flatMap(
    ({ text }) => /^"(.*)" could not be done: the program ended 3 times/.exec(text)?.[1] ?? [],
  );
  console.log(`${results.length} done, ${givenUp.length} given up after three kills`);
  expect([...results, ...givenUp].sort()).toEqual([...wanted].sort());
  expect(givenUp.length).toBeLessThanOrEqual(KILLS / 3);
  expect([...told.values()].filter(({ kind }) => kind === 'overlay')).toHaveLength(1);
  // a job that a kill interrupted ran again, and no other did
  const runs = readFileSync(edits, 'utf8').trim().split('\n').length;
  expect(runs).toBeGreaterThanOrEqual(wanted.length);
  expect(runs).toBeLessThanOrEqual(wanted.length + KILLS);
  rmSync(dir, { recursive: true, force: true });
}, 400_000);
