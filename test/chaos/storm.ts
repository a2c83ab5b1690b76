import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../fuzz/harness.js';
import { oneOf } from '../fuzz/harness.js';
import type { Weather } from './proxy.js';
import type { Town } from './town.js';

const DAY = 24 * 3600_000;
const JUMPS = [60_000, 3600_000, DAY, 3 * DAY].flatMap((ms) => [ms, -ms]);

/** One thing that goes wrong and is mended again. @returns what it is, and its course */
type Trouble = (town: Town, random: Random) => [what: string, course: () => Promise<void>];

const someone = (town: Town, random: Random) => oneOf(random, town.members);

const kill: Trouble = (town, random) => {
  const member = someone(town, random);
  const signal = random(4) ? 'SIGKILL' : 'SIGTERM';
  const pause = random(1500);
  return [
    `${signal} to ${member.name}`,
    async () => {
      await member.end(signal);
      await sleep(pause);
      await member.start();
    },
  ];
};

const freeze: Trouble = (town, random) => {
  const member = someone(town, random);
  // longer than the silence after which another worker takes a task over
  const ms = random(5) ? random(4000) : 33_000;
  return [
    `SIGSTOP to ${member.name} for ${ms} ms`,
    async () => {
      const { child } = member;
      child?.kill('SIGSTOP');
      await sleep(ms);
      child?.kill('SIGCONT');
    },
  ];
};

const stopDatabase: Trouble = ({ server }, random) => {
  const ms = random(6000);
  return [
    `SIGSTOP to the database for ${ms} ms`,
    async () => {
      server.signal('SIGSTOP');
      await sleep(ms);
      server.signal('SIGCONT');
    },
  ];
};

const restartDatabase: Trouble = ({ server }) => [
  'the database is killed and started',
  async () => server.restart(),
];

const network: Trouble = (town, random) => {
  const member = someone(town, random);
  const which = random(town.disk ? 1 : 2);
  const weather = oneOf<Weather>(random, ['cut', 'stalled', 'lost']);
  const ms = random(6000);
  return [
    `${member.name} to the ${which ? 'bucket' : 'database'}: ${weather} for ${ms} ms`,
    async () => {
      member.proxies[which]!.set(weather);
      await sleep(ms);
      member.proxies[which]!.set('open');
    },
  ];
};

const clock: Trouble = (town, random) => {
  const member = someone(town, random);
  const [jump, ms] = [oneOf(random, JUMPS), random(8000)];
  return [
    `the clock of ${member.name} jumps ${jump / 1000} s for ${ms} ms`,
    async () => {
      member.send({ clock: jump });
      await sleep(ms);
      member.send({ clock: 0 });
    },
  ];
};

const fullDisk: Trouble = ({ disk }, random) => {
  const [left, ms] = [random(3), random(4000)];
  return [
    `the disk is full but for ${left} pages for ${ms} ms`,
    async () => {
      try {
        disk!.fill(left);
      } catch {
        // others write at the same moment: then it is as full as it can be
      }
      await sleep(ms);
      disk!.makeRoom();
    },
  ];
};

/** Lets trouble happen until `end`, now and then two at once. @param note is told what happens and when */
export async function storm(
  town: Town,
  end: number,
  random: Random,
  note: (what: string) => void,
): Promise<void> {
  const troubles = [kill, kill, kill, network, network, freeze, clock, stopDatabase, restartDatabase];
  if (town.disk) troubles.push(fullDisk, fullDisk);
  const underWay = new Map<string, Promise<void>>();
  while (Date.now() < end) {
    const [what, course] = oneOf(random, troubles)(town, random);
    // one trouble of a kind for each at a time: they undo each other
    const about =
      /database (?:for|is)|database is|disk|[a-z]+ ?\d?(?= for| to| jumps|$)/.exec(what)?.[0] ?? what;
    if (underWay.size < 2 && !underWay.has(about)) {
      note(what);
      underWay.set(
        about,
        course().finally(() => void underWay.delete(about)),
      );
    }
    await sleep(200 + random(1300));
  }
  await Promise.all(underWay.values());
}
