import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/app/checkpoints.js';
import type { EngineProgress } from '../../src/engine/engine.js';
import { EngineHost } from '../../src/engine/process/host.js';
import { FIXTURES, temporaryFolder } from '../fixtures.js';
import { openChat } from '../support/conversation.js';

const SCENE = readFileSync(join(PACKAGE_ROOT, 'examples', 'scene.png'));

let chat: Awaited<ReturnType<typeof openChat>>;
afterEach(() => chat.close());

/** A conversation whose engine is a real process, killed at the first steps of a stage, so many times. */
async function killing(stage: EngineProgress['stage'], kills: number) {
  const host = new EngineHost({ checkpoint: join(FIXTURES, 'tiny-sd'), finetuneSteps: [8, 8] });
  chat = await openChat({ fake: host });
  const killed = new Set<number>();
  chat.dedit.worker.on('progress', ({ progress }) => {
    const { pid } = host;
    if (progress.stage !== stage || killed.size === kills || pid === undefined || killed.has(pid)) return;
    killed.add(pid);
    process.kill(pid, 'SIGKILL');
  });
  await chat.upload('t', 'ann', SCENE);
  await chat.settled();
  await chat.ask('go');
  return { host, killed };
}
const task = (kind: 'learn' | 'edit') =>
  chat.dedit.sessions.prisma.task.findFirstOrThrow({ where: { kind }, include: { revision: true } });

describe('an engine process that is killed', () => {
  it('in the middle of an edit: the edit is done again, and its result is told once', async () => {
    const { host, killed } = await killing('edit', 1);
    const said = await chat.ask('replace 2 with a cat');
    expect(killed.size).toBe(1);
    expect(killed).not.toContain(host.pid);
    expect(said.map(({ kind }) => kind)).toEqual(['result', 'overlay']);
    expect(await task('edit')).toMatchObject({ status: 'DONE', attempts: 2, revision: { status: 'DONE' } });
  });

  it('while it learns: it learns again, and the edit that waits is done with what was learned', async () => {
    const { killed } = await killing('learn', 2);
    expect(killed.size).toBe(2);
    expect(await task('learn')).toMatchObject({ status: 'DONE', attempts: 3 });
    const session = await chat.dedit.sessions.prisma.session.findFirstOrThrow();
    expect(session.learnedKey).toBeTruthy();
    expect((await chat.ask('make 2 red'))[0]!.kind).toBe('result');
  });

  it('each time: the edit is given up with a clear message, told once, and the next words work', async () => {
    const { killed } = await killing('edit', 3);
    const said = await chat.ask('replace 2 with a cat');
    expect(killed.size).toBe(3);
    expect(said).toHaveLength(1);
    expect(said[0]!.kind).toBe('refusal');
    expect(said[0]!.text).toMatch(/replace 2 with a cat.*engine was ended by SIGKILL/s);
    expect(await task('edit')).toMatchObject({
      ...{ status: 'FAILED', attempts: 3 },
      revision: { status: 'FAILED' },
    });
    expect((await chat.ask('replace 2 with a cat'))[0]!.kind).toBe('result');
  });
});

it('what does not fit into the memory of the engine is told once with the figures, and not tried again', async () => {
  const host = new EngineHost({ checkpoint: join(FIXTURES, 'tiny-sd'), memoryLimit: 250 });
  chat = await openChat({ fake: host });
  await chat.upload('t', 'ann', SCENE);
  await chat.settled();
  const said = await chat.ask('replace 2 with a cat');
  const figures = /needs \d+ MB of memory and the engine may hold 250 MB \(ENGINE_MEMORY_MB\)/;
  expect(said).toHaveLength(2); // of learning, and of the edit that went on without
  for (const { text } of said) expect(text).toMatch(figures);
  const tasks = await chat.dedit.sessions.prisma.task.findMany({ where: { status: 'FAILED' } });
  for (const { attempts } of tasks) expect(attempts).toBe(1);
  expect((await chat.ask('remove 2'))[0]!.kind).toBe('result');
});

it('whose segmenter breaks between two pictures cuts the next one without it, says so, and edits both', async () => {
  const segmenter = temporaryFolder();
  cpSync(join(FIXTURES, 'panoptic', 'maskformer'), segmenter, { recursive: true });
  const host = new EngineHost({ checkpoint: join(FIXTURES, 'tiny-sd'), segmenter, finetuneSteps: [2, 2] });
  chat = await openChat({ fake: host });
  const picture = readFileSync(join(FIXTURES, 'panoptic', 'picture.png'));
  const told = async (thread: string) => {
    await chat.upload(thread, 'ann', picture);
    await chat.settled(thread);
    return chat.platform.last(thread).reply.text;
  };
  expect(await told('before')).toMatch(/^I see \d items: .*person/);
  writeFileSync(join(segmenter, 'config.json'), '{}');
  process.kill(host.pid!, 'SIGKILL');
  expect(await told('after')).toMatch(
    /^I cut this picture without the model that sees what things are: .*config\.json.*\. I see \d items/,
  );
  for (const thread of ['before', 'after'])
    expect((await chat.ask('make 2 red', { thread }))[0]!.kind).toBe('result');
});
