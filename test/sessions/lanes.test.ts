import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EnginePart } from '../../src/app/dedit.js';
import type { EngineCall } from '../../src/engine/engine.js';
import { openChat, RecordingPlatform } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

// of a busy machine
vi.setConfig({ testTimeout: 60_000 });
const PATIENTLY = { timeout: 20_000 } as const;

let chat: Awaited<ReturnType<typeof openChat>>;
afterEach(() => chat.close());

/** Fails when `signal` asks to stop, and at once when it did so before anybody listened. */
async function stopped(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason as Error);
    else signal?.addEventListener('abort', reject, { once: true });
  });
}

/** What is learned and refined by it is not done before `done` is called. */
class Held extends FakeEngine {
  done!: () => void;
  readonly held = new Promise<void>((resolve) => (this.done = resolve));

  override async associate(...[scene, options, call]: Parameters<FakeEngine['associate']>) {
    return await this.#holding(call, () => super.associate(scene, options, call));
  }
  async #holding<T>(call: EngineCall = {}, work: () => Promise<T>): Promise<T> {
    call.onProgress?.({ stage: 'learn', step: 1, of: 100 });
    await Promise.race([this.held, stopped(call.signal)]);
    return await work();
  }
}

/** A thread whose items are being learned, for as long as the checkpoint's engine is held. */
async function whileLearning(more: { platform?: RecordingPlatform } = {}) {
  const engines = { pixels: new FakeEngine(), checkpoint: new Held() };
  chat = await openChat({ ...more, engine: (_: string, part: EnginePart) => engines[part] });
  await chat.upload();
  await chat.settled();
  await chat.say('go');
  const learning = () =>
    chat.dedit.sessions.prisma.task.findFirstOrThrow({ where: { kind: 'learn', session: { thread: 't' } } });
  await expect.poll(async () => (await learning()).status, PATIENTLY).toBe('RUNNING');
  return { ...engines, learning };
}
const results = (thread: string) => chat.platform.in(thread).filter(({ kind }) => kind === 'result');

describe('while the items of a picture are learned', () => {
  it('another picture is cut and edited by its pixels, in an engine of their own', async () => {
    const { pixels, checkpoint, learning } = await whileLearning();
    await chat.upload('other', 'bob');
    await expect
      .poll(() => chat.platform.in('other').map(({ kind }) => kind), PATIENTLY)
      .toContain('overlay');
    await chat.say('remove 2', { thread: 'other', user: 'bob' });
    await expect.poll(() => results('other'), PATIENTLY).toHaveLength(1);
    await chat.say('make 2 blue', { thread: 'other', user: 'bob' });
    await expect.poll(() => results('other'), PATIENTLY).toHaveLength(2);
    expect(pixels.edits.map(({ kind }) => kind)).toEqual(['remove', 'look']);
    expect(checkpoint.edits).toEqual([]);
    expect((await learning()).status).toBe('RUNNING');
    checkpoint.done();
  });

  it('the checkpoint draws for others, and for its own thread', async () => {
    const { pixels, checkpoint, learning } = await whileLearning();
    await chat.upload('other', 'bob');
    await expect
      .poll(() => chat.platform.in('other').map(({ kind }) => kind), PATIENTLY)
      .toContain('overlay');
    for (const [thread, user] of [
      ['other', 'bob'],
      ['t', 'ann'],
    ] as const) {
      await chat.say('replace 2 with a cat', { thread, user });
      await expect.poll(() => results(thread), PATIENTLY).toHaveLength(1);
    }
    expect(checkpoint.edits.map(({ kind }) => kind)).toEqual(['replace', 'replace']);
    expect(pixels.edits).toEqual([]);
    expect((await learning()).status).toBe('RUNNING');
    checkpoint.done();
    await chat.settled();
    // what was drawn meanwhile listens to what was learned
    const drawn = await chat.dedit.sessions.prisma.revision.findFirstOrThrow({
      where: { number: 1, session: { thread: 't' } },
    });
    const prompts = (drawn.items as { prompt: { kind: string } }[]).map(({ prompt }) => prompt.kind);
    expect(prompts).toEqual(['learned', 'text', 'learned', 'learned']);
  });

  it('an edit that needs what is learned waits for it', async () => {
    const { checkpoint } = await whileLearning();
    await chat.say('make 2 wooden');
    await chat.say('remove 3');
    expect(results('t')).toHaveLength(0);
    checkpoint.done();
    await chat.settled();
    expect(checkpoint.edits.map(({ kind }) => kind)).toEqual(['augment']);
    expect(results('t')).toHaveLength(2);
  });

  it('how far that is stays one message, whatever is edited meanwhile', async () => {
    const platform = new RecordingPlatform();
    const messages: string[] = [];
    const { post } = platform;
    platform.post = async (thread, reply, key) => {
      if (reply.kind === 'progress') messages.push(reply.text);
      return await post.call(platform, thread, reply, key);
    };
    const { checkpoint } = await whileLearning({ platform });
    const told = (step: number) =>
      chat.dedit.worker.emit('progress', { session, progress: { stage: 'learn', step, of: 100 } });
    const { sessionId: session } = await chat.dedit.sessions.prisma.task.findFirstOrThrow();
    await expect.poll(() => (told(10), messages.length), { ...PATIENTLY, interval: 300 }).toBe(1);
    await chat.say('remove 2');
    await expect.poll(() => results('t'), PATIENTLY).toHaveLength(1);
    for (let step = 20; step < 60; step += 10) {
      told(step);
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    expect(messages).toEqual([expect.stringMatching(/^Learning the items: 10 %/)]);
    checkpoint.done();
  });

  it('a process that stops puts it back uncounted, beside what it edits', async () => {
    const { learning } = await whileLearning();
    await chat.dedit.worker.stop();
    expect(await learning()).toMatchObject({ status: 'PENDING', attempts: 0 });
    await chat.dedit.sessions.prisma.task.deleteMany();
  });
});

it('a database that comes back finds the tasks that are under way here still under way', async () => {
  const { checkpoint, learning } = await whileLearning();
  const { tasks } = chat.dedit.sessions;
  const { claim } = tasks;
  tasks.claim = async () => {
    tasks.claim = claim;
    throw new Error('the database went away');
  };
  await expect.poll(() => tasks.claim === claim, PATIENTLY).toBe(true);
  await chat.upload('other', 'bob');
  await expect.poll(() => chat.platform.in('other').length, PATIENTLY).toBeGreaterThan(0);
  expect(await learning()).toMatchObject({ status: 'RUNNING', attempts: 1 });
  checkpoint.done();
  await chat.settled();
  expect(await learning()).toMatchObject({ status: 'DONE', attempts: 1 });
});

it('idle lanes ask the database together, twice a second', async () => {
  chat = await openChat();
  await chat.settled();
  const { tasks } = chat.dedit.sessions;
  const { claim } = tasks;
  const asked: number[] = [];
  tasks.claim = async (lanes, kinds) => {
    asked.push(lanes.length);
    return await claim.call(tasks, lanes, kinds);
  };
  const from = performance.now();
  await sleep(2500);
  const pauses = Math.ceil((performance.now() - from) / 500);
  tasks.claim = claim;
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThanOrEqual(pauses + 1);
  expect(new Set(asked)).toEqual(new Set([3]));
});
