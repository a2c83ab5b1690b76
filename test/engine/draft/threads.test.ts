import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { complete } from '../../../src/engine/draft/complete.js';
import { finest, placesOf, roughened } from '../../../src/engine/draft/level.js';
import { type Cut, cutAlong } from '../../../src/engine/draft/cut.js';
import { matte, soften } from '../../../src/engine/draft/matte.js';
import { offsetCosts } from '../../../src/engine/draft/offsetCosts.js';
import { type Stage, stageOf } from '../../../src/engine/draft/stage.js';
import { doParts, type Job, type Shared } from '../../../src/engine/draft/threads/jobs.js';
import { mattesBeside } from '../../../src/engine/draft/threads/mattes.js';
import { SharedMemory } from '../../../src/engine/draft/threads/memory.js';
import { awaitOthers, beside, inPartsOn } from '../../../src/engine/draft/threads/pool.js';
import { distanceTo } from '../../../src/engine/masks/distance.js';
import { invert } from '../../../src/engine/masks/mask.js';
import { disc, maskWhere, paint } from './scenes.js';

const [width, height] = [200, 160];
const picture = paint(width, height, (x, y) => [
  90 + ((x * 7 + y * 13) % 31),
  80 + ((x * y) % 17),
  x % 20 < 3 ? 40 : 150,
]);
const hole = maskWhere(width, height, disc(100, 80, 42));

/** The scene at its full size, every target matched by chance. */
function scene(): Stage {
  const whole = { left: 0, top: 0, width, height };
  const ground = finest(picture, hole, invert(hole), whole);
  const [level, places] = [roughened(ground), placesOf(ground)];
  const stage = stageOf(
    { level, places, offsetCosts: offsetCosts(level, places), depth: distanceTo(invert(hole)) },
    new SharedMemory(),
  );
  const { targets, centres } = stage.places;
  targets.forEach((a, n) => (stage.field.match[a] = centres[(n * 7919) % centres.length]!));
  stage.before.set(stage.field.match);
  return stage;
}
const search = (stage: Stage): Job => ({ kind: 'search', task: { stage, seed: 5, passes: 2, reach: 64 } });
const shared = (job: Job, parts: number): Shared => ({
  job,
  parts,
  tally: new Int32Array(new SharedArrayBuffer(12)),
});

describe('a completion on several threads', () => {
  it('gives the same picture as on one', () => {
    const on = (threads: number) => complete(picture, hole, invert(hole), { seed: 3, threads }).data;
    expect(Buffer.compare(on(3), on(1))).toBe(0);
  });

  it('says what went wrong in a part', () => {
    expect(() => inPartsOn(3)(search({} as Stage), 6)).toThrow(/undefined/);
  });

  it('says what went wrong this time, not what else did before', async () => {
    const failing = async (...wrong: null[] | undefined[]): Promise<() => void> => {
      const cut = new SharedMemory().shared(cutAlong(picture, hole));
      const hard = cut.alpha.slice();
      const task = [...wrong, cut] as Cut[];
      const end = beside({ kind: 'soften', task }, task.length, 2);
      await vi.waitFor(() => expect(cut.alpha).not.toEqual(hard), { timeout: 20_000 });
      return end;
    };
    expect(await failing(undefined, undefined)).toThrow(/undefined/);
    expect(await failing(null)).toThrow(/null/);
  });

  it('does not wait for a thread that ended in the middle of a part', () => {
    const begun = shared(search(scene()), 4);
    begun.tally.set([4, 3]);
    expect(() => awaitOthers(begun, 1)).toThrow(/a thread ended/);
  });
});

describe('mattes beside other work', () => {
  const masks = [hole, maskWhere(width, height, disc(60, 60, 30))];

  it('are the same as without', () => {
    for (const threads of [1, 3]) {
      const { cutouts, result } = mattesBeside(picture, masks, () => 'done', threads);
      expect(result).toBe('done');
      expect(cutouts).toEqual(masks.map((mask) => matte(picture, mask)));
    }
  });

  it('are made by another thread, not only when they are asked for', async () => {
    const cut = new SharedMemory().shared(cutAlong(picture, hole));
    const softened = beside({ kind: 'soften', task: [cut] }, 1, 2);
    const expected = cutAlong(picture, hole);
    soften(expected);
    await vi.waitFor(() => expect(cut.alpha).toEqual(expected.alpha), { timeout: 20_000 });
    softened();
    expect(cut.colours).toEqual(expected.colours);
  });

  it('say what went wrong, there or in the work', () => {
    const broken = beside({ kind: 'soften', task: [] }, 1, 2);
    expect(broken).toThrow(/undefined/);
    const failing = (): never => {
      throw new Error('the work failed');
    };
    expect(() => mattesBeside(picture, masks, failing)).toThrow('the work failed');
    expect(mattesBeside(picture, masks, () => 0).cutouts[0]).toEqual(matte(picture, hole));
  });

  it('take no more memory, however often the work fails', () => {
    const taken = vi.fn<(bytes: number) => void>();
    class Counted extends SharedArrayBuffer {
      constructor(bytes: number) {
        super(bytes);
        taken(bytes);
      }
    }
    vi.stubGlobal('SharedArrayBuffer', Counted);
    for (let n = 0; n < 3; n++)
      expect(() =>
        mattesBeside(picture, masks, () => {
          throw new Error('too little is left');
        }),
      ).toThrow('too little is left');
    vi.unstubAllGlobals();
    // what jobs are counted with is a few bytes
    expect(taken.mock.calls.filter(([bytes]) => bytes > 1000).length).toBeLessThan(2);
  });
});

describe('a thread', () => {
  const { port1: port, port2 } = new MessageChannel();
  const file = new URL('../../../dist/engine/draft/threads/worker.js', import.meta.url);
  const worker = new Worker(file, { workerData: port2, transferList: [port2], execArgv: [] });
  afterAll(() => worker.terminate());

  it('does the parts that it is given as this one does them, where both see it', () => {
    const [here, there] = [scene(), scene()];
    expect(here.strips).toBeGreaterThan(2);
    doParts(shared(search(here), here.strips), (error) => {
      throw error;
    });
    const job = shared(search(there), there.strips);
    port.postMessage(job);
    awaitOthers(job);
    expect(here.field.match).not.toEqual(here.before);
    expect(there.field.match).toEqual(here.field.match);
    expect(there.field.cost).toEqual(here.field.cost);
  });

  it('tells of an error and goes on', async () => {
    const job = shared(search({} as Stage), 1);
    port.postMessage(job);
    const [error] = (await once(port, 'message')) as [Error];
    expect(error.message).toMatch(/undefined/);
  });
});
