import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type MakeWay, Turns } from '../../src/engine/process/turns.js';

/** A job in the background of so many steps, told in `order`. */
const steps =
  (order: string[], count: number, ms = 0) =>
  async (makeWay: MakeWay) => {
    for (let step = 1; step <= count; step++) {
      order.push(`step ${step}`);
      if (ms > 0) await sleep(ms);
      await makeWay();
    }
  };
const job =
  (order: string[], name: string, ms = 0) =>
  async () => {
    order.push(name);
    if (ms > 0) await sleep(ms);
    order.push(`${name} done`);
  };

describe('turns', () => {
  it('are taken in order, also after a job that failed', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const failed = turns.take(() => Promise.reject(new Error('broken')));
    await Promise.all([
      expect(failed).rejects.toThrow('broken'),
      turns.take(job(order, 'a', 5)),
      turns.take(job(order, 'b')),
    ]);
    expect(order).toEqual(['a', 'a done', 'b', 'b done']);
  });

  it('come between two steps of what is in the background', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const background = turns.inBackground(async (makeWay) => {
      order.push('step 1');
      const waiting = turns.take(job(order, 'edit', 5));
      await makeWay();
      await waiting;
      order.push('step 2');
    });
    await background;
    expect(order).toEqual(['step 1', 'edit', 'edit done', 'step 2']);
  });

  it('are kept for a job that is announced and still on its way', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const arrived = turns.announce();
    const background = turns.inBackground(steps(order, 2));
    await sleep(30);
    expect(order).toEqual(['step 1']);
    const edit = turns.take(job(order, 'edit'));
    arrived();
    await Promise.all([edit, background]);
    expect(order).toEqual(['step 1', 'edit', 'edit done', 'step 2']);
  });

  it('leave the background as much time as they take of it', async () => {
    const turns = new Turns();
    let [worked, given] = [0, 0];
    let on = true;
    const background = turns.inBackground(async (makeWay) => {
      while (on) {
        const since = performance.now();
        await sleep(1);
        worked += performance.now() - since;
        await makeWay();
      }
    });
    for (let i = 0; i < 20; i++) {
      await turns.take(async () => {
        const since = performance.now();
        await sleep(10);
        given += performance.now() - since;
      });
    }
    on = false;
    await background;
    // the last one is followed by nothing
    expect(worked).toBeGreaterThan(given * 0.5);
  });

  it('wait for the end of the background where there is no memory beside it', async () => {
    const turns = new Turns();
    const order: string[] = [];
    let first = true;
    const background = turns.inBackground(steps(order, 3, 5));
    const edit = turns.take(job(order, 'edit'), async () => {
      expect(first).toBe(true); // nothing is in the background when it is asked again
      first = false;
      return false;
    });
    await Promise.all([background, edit]);
    expect(order).toEqual(['step 1', 'step 2', 'step 3', 'edit', 'edit done']);
  });

  it('go on when what is in the background is aborted while it makes way', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const abort = new AbortController();
    const background = turns.inBackground(async (makeWay) => {
      const edit = turns.take(async () => {
        abort.abort(new Error('enough'));
        await sleep(10);
        order.push('edit');
      });
      await makeWay(abort.signal).finally(() => order.push('aborted'));
      await edit;
    });
    await expect(background).rejects.toThrow('enough');
    await turns.take(job(order, 'next'));
    expect(order).toEqual(['aborted', 'edit', 'next', 'next done']);
  });

  it('of the background are taken one after the other', async () => {
    const turns = new Turns();
    const order: string[] = [];
    await Promise.all([turns.inBackground(steps(order, 2, 2)), turns.inBackground(steps(order, 1))]);
    expect(order).toEqual(['step 1', 'step 2', 'step 1']);
  });
});
