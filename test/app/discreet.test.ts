/** What people in chat read, and what the log says, where files of a bot are broken in one way or another. */
import { cpSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discreetly } from '../../src/app/discreet.js';
import { type Engine, EngineFailure, type ShownScene } from '../../src/engine/engine.js';
import { HostError, UserError } from '../../src/engine/errors.js';
import { InProcessEngine } from '../../src/engine/process/inProcess.js';
import { FIXTURES, temporaryFolder } from '../fixtures.js';
import { openChat } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

const POCKET = join(FIXTURES, '../../checkpoints/pocket');
const root = join(temporaryFolder(), 'srv', 'models');
const CHECKPOINT = join(root, 'mine');
const SEGMENTER = join(root, 'seer');

/** A checkpoint and a segmenter as an operator has them. */
function install(): void {
  for (const dir of [CHECKPOINT, SEGMENTER]) rmSync(dir, { recursive: true, force: true });
  cpSync(join(FIXTURES, 'tiny-sd'), CHECKPOINT, { recursive: true });
  cpSync(join(POCKET, 'scorer'), join(CHECKPOINT, 'scorer'), { recursive: true });
  for (const fixture of ['io.safetensors', 'joint.safetensors']) rmSync(join(CHECKPOINT, fixture));
  cpSync(join(FIXTURES, 'panoptic', 'detr'), SEGMENTER, { recursive: true });
  rmSync(join(SEGMENTER, 'io.safetensors'));
}
install();

const WAYS: Record<string, (file: string) => void> = {
  gone: (file) => rmSync(file),
  'cut off': (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2)),
  'of something else': (file) =>
    writeFileSync(file, file.endsWith('.json') ? '{"model_type":"other"}' : 'nothing of the kind'),
};
const FILES = [CHECKPOINT, SEGMENTER].flatMap((dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

describe('broken files', () => {
  const logged: string[] = [];
  let chat: Awaited<ReturnType<typeof openChat>>;
  let engine: Engine;
  let threads = 0;

  beforeAll(async () => {
    const current = new Proxy({} as Engine, {
      get: (_, name): unknown => {
        const member: unknown = Reflect.get(engine, name);
        return typeof member === 'function' ? member.bind(engine) : member;
      },
    });
    const logger = { error: ({ err }: { err?: unknown }) => void logged.push((err as Error).message) };
    chat = await openChat({ fake: discreetly(() => current, logger)('mine') });
  });
  afterAll(() => chat.close());

  /** What is read of a picture, and of something that the checkpoint is to draw into it. */
  async function told(segmenter?: string): Promise<string[]> {
    engine = new InProcessEngine({
      ...{ checkpoint: CHECKPOINT, finetuneSteps: [1, 1], cacheDir: join(root, 'copies') },
      ...(segmenter ? { segmenter } : {}),
    });
    const thread = `t${++threads}`;
    await chat.upload(thread, 'ann', readFileSync(join(FIXTURES, 'panoptic', 'picture.png')));
    await chat.settled(thread);
    if (!segmenter) await chat.ask('steps 1, replace 1 with a pizza', { thread });
    await engine.close();
    return chat.platform.in(thread).map(({ text }) => text);
  }

  // each file in one way: the ways take turns; without the map of special tokens everything works
  const cases = FILES.map((file, i) => [file, Object.keys(WAYS)[i % 3]!] as const).filter(
    ([file]) => !file.endsWith('special_tokens_map.json'),
  );
  it.each(cases)('%s is %s: people read no folder, and the log names it', async (file, how) => {
    install();
    WAYS[how]!(join(root, file));
    logged.length = 0;
    const read = await told(file.startsWith('seer') ? SEGMENTER : undefined);
    for (const text of read) {
      expect(text).not.toContain('srv');
      expect(text).not.toContain(file.split('/').at(-1));
      expect(text).not.toContain('something went wrong here');
    }
    const isTold = read.some((text) => text.includes('its log says what'));
    expect(logged.some((message) => message.includes(root))).toBe(isTold);
  });
});

const said = 'models/mine has no weights: expected model.safetensors';
it.each([
  [new HostError(said), true],
  [new HostError('leaves the range of half precision: compute with --precision full'), true],
  [new EngineFailure('crashed', 'the engine cannot be started (spawn node ENOENT)', true), true],
  [new EngineFailure('crashed', 'the engine was ended by SIGKILL, perhaps for want of memory'), false],
  [new UserError('that is no picture that I can read: send a PNG or JPEG'), false],
  [new UserError('I see no "cat/dog" here: say for example "select here 40% 60%"'), false],
  [
    new UserError('a learning step needs 9 GB and 4 GB are free: take a smaller picture and/or fewer items'),
    false,
  ],
  [new Error('a bug'), false],
])('%s', async (error, isOfHost) => {
  const logged: unknown[] = [];
  const logger = { error: ({ err }: { err?: unknown }) => void logged.push(err) };
  const engine = new FakeEngine();
  engine.edit = () => Promise.reject(error);
  const call = (discreetly(() => engine, logger)('mine').edit as () => Promise<unknown>)();
  await expect(call).rejects.toThrow(isOfHost ? 'tell whoever runs it' : error.message);
  expect(logged).toEqual(isOfHost ? [error] : []);
});

it('a remark says what a fault means for the picture, and the log the fault', async () => {
  const logged: string[] = [];
  const logger = { error: ({ err }: { err?: unknown }) => void logged.push((err as Error).message) };
  const engine = new FakeEngine();
  const remarks = [
    { text: 'I see no cat here' },
    { text: 'I cut this picture without the model', fault: said },
  ];
  engine.segment = async () => ({ remarks }) as unknown as ShownScene;
  const shown = await discreetly(() => engine, logger)('mine').segment(new Uint8Array());
  expect(shown.remarks).toEqual([
    { text: 'I see no cat here' },
    {
      text: expect.stringMatching(
        /^I cut this picture without the model: something .* its log says what$/,
      ) as string,
    },
  ]);
  expect(logged).toEqual([said]);
});

it('a checkpoint that went since dedit started, and an engine that does not start, are told alike', async () => {
  const logged: unknown[] = [];
  const logger = { error: ({ err }: { err?: unknown }) => void logged.push(err) };
  const gone = new HostError('there is no checkpoint "/srv/mine"');
  const fail = (): never => {
    throw gone;
  };
  expect(() => discreetly(fail, logger)('mine')).toThrow('tell whoever runs it');
  const dead = new FakeEngine();
  dead.edit = async () => {
    throw new EngineFailure(
      'crashed',
      'the engine cannot be started (spawn /opt/node/bin/node ENOENT)',
      true,
    );
  };
  const call = (discreetly(() => dead, logger)('mine').edit as () => Promise<unknown>)();
  await expect(call).rejects.toMatchObject({
    code: 'crashed',
    message: expect.not.stringContaining('/opt') as string,
  });
  expect(logged).toHaveLength(2);
});
