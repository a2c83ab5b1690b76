import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/app/checkpoints.js';
import {
  type EngineCall,
  EngineFailure,
  type EngineProgress,
  type ShownScene,
} from '../../src/engine/engine.js';
import { packLearned } from '../../src/engine/editor.js';
import { HostError, UserError } from '../../src/engine/errors.js';
import { EngineHost, type HostOptions } from '../../src/engine/process/host.js';
import { FIXTURES } from '../fixtures.js';

const CHECKPOINT = join(FIXTURES, 'tiny-sd');
const SCENE = join(PACKAGE_ROOT, 'examples', 'scene.png');
/** So much to learn that no test sees its end. */
const ENDLESS = { finetuneSteps: [100_000, 0] } as const;
/** A busy machine takes long to start a process. */
const PATIENTLY = { timeout: 60_000 } as const;

const hosts: EngineHost[] = [];
const open = (options: Partial<HostOptions> = {}): EngineHost => {
  const host = new EngineHost({ checkpoint: CHECKPOINT, finetuneSteps: [2, 2], ...options });
  hosts.push(host);
  return host;
};
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = (pid: number) => expect.poll(() => lives(pid), { timeout: 10_000 }).toBe(false);

const failure = (code: EngineFailure['code'], message: RegExp) =>
  expect.objectContaining({ name: 'EngineFailure', code, message: expect.stringMatching(message) as string });

let scene: ShownScene;
beforeAll(async () => {
  const host = open();
  scene = await host.segment(readFileSync(SCENE));
  await host.close();
});

/** Begins to learn, and resolves when learning has begun; `done` is the call. */
async function learning(host: EngineHost, call: EngineCall = {}) {
  let done!: ReturnType<EngineHost['associate']>;
  await new Promise<void>((resolve, reject) => {
    done = host.associate(scene, { seed: 1 }, { ...call, onProgress: () => resolve() });
    done.catch(reject);
  });
  return { done, pid: host.pid! };
}

/** The next call works, in another process than `pid`, or in that one. */
async function goesOn(host: EngineHost, pid: number, where: 'anew' | 'there'): Promise<void> {
  const again = await host.segment(readFileSync(SCENE));
  expect(again.items).toEqual(scene.items);
  if (where === 'anew') expect(host.pid).not.toBe(pid);
  else expect(host.pid).toBe(pid);
}

describe('a call', () => {
  it('comes back with files, and tells of its progress with previews', async () => {
    const host = open();
    expect([scene.width, scene.height]).toEqual([128, 128]);
    const told: EngineProgress[] = [];
    const call = { onProgress: (progress: EngineProgress) => void told.push(progress) };
    const { items, learned } = await host.associate(scene, { seed: 1 }, call);
    expect(told).toEqual([1, 2, 3, 4].map((step) => ({ stage: 'learn', step, of: 4 })));
    const { pid } = host;

    told.length = 0;
    const edit = { kind: 'replace', item: 1, prompt: 'a cat' } as const;
    const edited = await host.edit({ ...scene, items, learned }, edit, { steps: 8 }, call);
    expect(edited.items[1]!.name).toBe('cat');
    expect(Buffer.compare(edited.picture, scene.picture)).not.toBe(0);
    const steps = told.filter(({ preview }) => !preview).map(({ step }) => step);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const previews = told.flatMap(({ preview }) => preview ?? []);
    expect(previews.length).toBeGreaterThan(1);
    for (const preview of previews) expect((await sharp(preview).metadata()).format).toBe('png');

    const strip = await host.strip([scene.picture, edited.picture]);
    expect((await sharp(strip).metadata()).width).toBeGreaterThan(2 * 128);
    expect(host.pid).toBe(pid);
    expect(getPriority(pid)).toBeGreaterThan(getPriority());
  });

  it('waits for the one before it', async () => {
    const host = open();
    const order: string[] = [];
    await Promise.all([
      host.edit(scene, { kind: 'reconstruct' }, { steps: 4 }).then(() => order.push('edit')),
      host.strip([scene.picture]).then(() => order.push('strip')),
    ]);
    expect(order).toEqual(['edit', 'strip']);
  });

  it('is done while something is learned there, which goes on afterwards', async () => {
    const host = open(ENDLESS);
    const abort = new AbortController();
    let steps = 0;
    const done = host.associate(scene, { seed: 1 }, { signal: abort.signal, onProgress: () => void steps++ });
    await expect.poll(() => steps, PATIENTLY).toBeGreaterThan(0);
    const edit = { kind: 'replace', item: 1, prompt: 'a cat' } as const;
    const edited = await host.edit(scene, edit, { steps: 8 });
    const apart = open();
    // the device is the same, and neither knows of the other
    expect(edited.picture).toEqual((await apart.edit(scene, edit, { steps: 8 })).picture);
    const before = steps;
    await expect.poll(() => steps, PATIENTLY).toBeGreaterThan(before + 2);
    abort.abort(new Error('enough'));
    await expect(done).rejects.toThrow('enough');
  });

  it('that is killed with what was learned there fails both, and the next one works', async () => {
    const host = open(ENDLESS);
    const { done, pid } = await learning(host);
    const edit = host.edit(
      scene,
      { kind: 'reconstruct' },
      { steps: 900 },
      { onProgress: ({ step }) => step === 2 && process.kill(pid, 'SIGKILL') },
    );
    await Promise.all([
      expect(edit).rejects.toEqual(failure('crashed', /SIGKILL/)),
      expect(done).rejects.toEqual(failure('crashed', /SIGKILL/)),
    ]);
    await goesOn(host, pid, 'anew');
  });

  it.each([
    ['what is no picture', (host: EngineHost) => host.segment(Buffer.from('hello')), /not a picture: send/],
    [
      'a mask without an item',
      async (host: EngineHost) =>
        await host.mask(
          await sharp({ create: { width: 20, height: 20, channels: 3, background: 'black' } })
            .png()
            .toBuffer(),
          { width: 20, height: 20 },
        ),
      /all black: draw the item in white/,
    ],
    [
      'an item that is not there',
      (host: EngineHost) => host.edit(scene, { kind: 'remove', item: 30 }, {}),
      /item 31/,
    ],
  ] as const)('refuses %s to the person, and goes on in the same process', async (_, call, message) => {
    const host = open();
    await host.strip([scene.picture]);
    const pid = host.pid!;
    const error: unknown = await call(host).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect(error).not.toBeInstanceOf(HostError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).message).not.toContain('\n');
    await goesOn(host, pid, 'there');
  });

  it('with a checkpoint that is not there is the fault of whoever runs this', async () => {
    const host = open({ checkpoint: '/nowhere' });
    const error: unknown = await host.associate(scene, { seed: 1 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HostError);
    expect((error as HostError).message).toContain('/nowhere');
  });

  it('that runs into a bug rejects with the stack of the other process', async () => {
    const host = open();
    const error: unknown = await host.edit(scene, { kind: 'fly' } as never, {}).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(UserError);
    expect((error as Error).stack).toContain('dist/engine');
    await goesOn(host, host.pid!, 'there');
  });
});

describe('a picture that would take all memory is refused by its header', () => {
  const png = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'red' }, limitInputPixels: false } as never)
      .toColourspace('b-w')
      .png({ compressionLevel: 1 })
      .toBuffer();
  /** A small picture's file that claims a size. */
  const claiming = async (side: number): Promise<Buffer> => {
    const bytes = await png(32, 32);
    bytes.writeUInt32BE(side, 16);
    bytes.writeUInt32BE(side, 20);
    return bytes;
  };

  it.each([
    ['64 megapixels in few bytes', () => png(8000, 8000), /8000x8000 pixels, more than the limit/],
    ['a file that claims 10 gigapixels', () => claiming(100_000), /100000x100000|damaged/],
    ['more bytes than anybody sends', async () => Buffer.alloc(65 * 1024 * 1024), /65 MiB/],
  ])('%s', async (_, make, message) => {
    const host = open();
    await host.strip([scene.picture]);
    const pid = host.pid!;
    const error: unknown = await host.segment(await make()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).message).not.toContain('\n');
    await goesOn(host, pid, 'there');
  });
});

it('a job that does not fit into memory is refused with the figures before it begins; drafts need no checkpoint', async () => {
  const host = open({ memoryLimit: 250 });
  const what = { kind: 'replace', item: 1, prompt: 'a cat' } as const;
  const refused = async (call: Promise<unknown>, job: string): Promise<void> => {
    const error: unknown = await call.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(
      new RegExp(
        `^${job} with tiny-sd needs \\d{3} MB of memory and the engine may hold 250 MB \\(ENGINE_MEMORY_MB\\): begin`,
      ),
    );
  };
  await refused(host.associate(scene, { seed: 1 }), 'learning this picture');
  const { pid } = host;
  await refused(host.edit(scene, what, {}), 'drawing this');
  const learned = packLearned({
    items: 4,
    tokensPerItem: 2,
    newTokens: new Map(),
    weights: new Map(),
    loraScale: 1,
  });
  const removal = { kind: 'remove', item: 1 } as const;
  const draft = await host.edit(scene, removal, {});
  await refused(host.refine({ ...scene, learned }, removal, draft, {}), 'drawing this');
  const large = await sharp(SCENE).resize(2000, 2000).png().toBuffer();
  await expect(host.segment(large)).rejects.toEqual(
    new UserError(
      'the picture is 2000x2000 pixels, and editing it takes about 0.3 GB of memory, more than there is here: send one of at most 3.7 megapixels',
    ),
  );
  expect(host.pid).toBe(pid);
});

describe('a process that', () => {
  it('is killed fails its call alone', async () => {
    const host = open(ENDLESS);
    const { done, pid } = await learning(host);
    process.kill(pid, 'SIGKILL');
    await expect(done).rejects.toEqual(
      failure('crashed', /^the engine was ended by SIGKILL, perhaps for want of memory$/),
    );
    await goesOn(host, pid, 'anew');
  });

  it('is killed while nothing runs fails no call', async () => {
    const host = open();
    await host.strip([scene.picture]);
    const pid = host.pid!;
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => host.pid).toBeUndefined();
    await goesOn(host, pid, 'anew');
  });

  it('hangs is ended', async () => {
    // a busy machine takes its time until learning begins
    const host = open({ ...ENDLESS, patience: { associate: 15_000 } });
    const { done, pid } = await learning(host);
    process.kill(pid, 'SIGSTOP');
    await expect(done).rejects.toEqual(failure('timeout', /^the engine did not answer for 15 s$/));
    await gone(pid);
    await goesOn(host, pid, 'anew');
  });

  it.runIf(process.platform === 'linux')('needs too much memory is ended, with what to do', async () => {
    const host = open({ memoryLimit: 64 });
    const large = await sharp(SCENE).resize(950, 950).png().toBuffer();
    await expect(host.segment(large)).rejects.toEqual(
      failure('memory', /^the engine needed more than 64 MB: .*raise ENGINE_MEMORY_MB$/),
    );
    expect(host.pid).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')(
    'a call left too large makes room for another before the next call',
    // a call that takes longer than half a second on a busy machine fails here, as it should
    { retry: 3 },
    async () => {
      const host = open({ memoryLimit: 24 }); // a process that has just started holds some 28 MB
      const mask = await sharp({ create: { width: 20, height: 20, channels: 3, background: 'white' } })
        .png()
        .toBuffer();
      const pids: (number | undefined)[] = [];
      for (let i = 0; i < 3; i++) {
        const call = host.mask(mask, { width: 20, height: 20 });
        await expect.poll(() => host.pid).toBeDefined();
        pids.push(host.pid);
        expect(await call).toHaveLength(400);
      }
      expect(new Set(pids).size).toBe(3);
    },
  );

  it('is of another build is refused, as often as it is asked', async () => {
    const host = open({ env: { DEDIT_TEST_PROTOCOL: '0' } });
    for (let i = 0; i < 3; i++)
      await expect(host.strip([scene.picture])).rejects.toEqual(
        failure('version', /of another build than this one: run "npm run prepare"/),
      );
  });

  it('is told to end by a terminal leaves that to its host', async () => {
    const host = open({ finetuneSteps: [30, 0] });
    const { done, pid } = await learning(host);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, signal);
    expect((await done).learned.length).toBeGreaterThan(0);
    expect(host.pid).toBe(pid);
  });

  it.runIf(existsSync('/proc/self/environ'))('computes knows no tokens and no database', async () => {
    const secrets = [
      'DISCORD_TOKEN',
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'SLACK_SIGNING_SECRET',
      'DATABASE_URL',
      'SECRET',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
    ];
    for (const name of secrets) process.env[name] = 'do-not-tell';
    try {
      const host = open();
      await host.strip([scene.picture]);
      const environment = readFileSync(`/proc/${host.pid}/environ`, 'utf8');
      expect(environment).toContain('PATH=');
      // memory that was freed goes back to the system
      expect(environment).toContain('MALLOC_MMAP_THRESHOLD_=1048576');
      expect(environment).not.toContain('do-not-tell');
      for (const name of secrets) expect(environment).not.toContain(`${name}=`);
    } finally {
      for (const name of secrets) delete process.env[name];
    }
  });

  it('has lost its host ends by itself', async () => {
    const parent = spawn(process.execPath, ['test/support/engineParent.mjs', CHECKPOINT, SCENE], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let complaints = '';
    parent.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(lives(pid)).toBe(true);
    parent.kill('SIGKILL');
    await gone(pid);
    expect(complaints).toBe('');
  });
});

describe('an aborted call rejects with the reason', () => {
  const reason = new Error('enough');

  it('in the middle of learning, and the process goes on', async () => {
    const host = open(ENDLESS);
    const abort = new AbortController();
    const { done, pid } = await learning(host, { signal: abort.signal });
    abort.abort(reason);
    await expect(done).rejects.toBe(reason);
    await goesOn(host, pid, 'there');
  });

  it('in the middle of an edit, and the process goes on', async () => {
    const host = open();
    const abort = new AbortController();
    const done = host.edit(
      scene,
      { kind: 'reconstruct' },
      { steps: 900 },
      { signal: abort.signal, onProgress: ({ step }) => step === 2 && abort.abort(reason) },
    );
    await expect(done).rejects.toBe(reason);
    await goesOn(host, host.pid!, 'there');
  });

  it('of learning that waits for an edit to end, and the edit ends', async () => {
    const host = open({ ...ENDLESS, grace: 50 });
    const abort = new AbortController();
    const { done, pid } = await learning(host, { signal: abort.signal });
    const edit = host.edit(
      scene,
      { kind: 'reconstruct' },
      { steps: 200 },
      { onProgress: ({ step }) => step === 2 && abort.abort(reason) },
    );
    await expect(done).rejects.toBe(reason);
    expect((await edit).items).toHaveLength(scene.items.length);
    await goesOn(host, pid, 'there');
  });

  it('before its process has started', async () => {
    const host = open(ENDLESS);
    const abort = new AbortController();
    const done = host.associate(scene, { seed: 1 }, { signal: abort.signal });
    await expect.poll(() => host.pid).toBeDefined();
    abort.abort(reason);
    await expect(done).rejects.toBe(reason);
    await goesOn(host, host.pid!, 'there');
  });

  it('before it began', async () => {
    const host = open(ENDLESS);
    await expect(host.associate(scene, { seed: 1 }, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(host.pid).toBeUndefined();
  });

  it('also of a process that does not hear, which is ended after the grace', async () => {
    const host = open({ ...ENDLESS, grace: 500 });
    const abort = new AbortController();
    const { done, pid } = await learning(host, { signal: abort.signal });
    process.kill(pid, 'SIGSTOP');
    abort.abort(reason);
    await expect(done).rejects.toBe(reason);
    await gone(pid);
    await goesOn(host, pid, 'anew');
  });
});

describe('closing', () => {
  it('ends the call under way, those that wait and the process', async () => {
    const host = open(ENDLESS);
    const { done, pid } = await learning(host);
    const waiting = host.strip([scene.picture]);
    const closed = failure('closed', /^dedit is stopping$/);
    const ends = Promise.all([done, waiting].map((call) => expect(call).rejects.toEqual(closed)));
    await host.close();
    await ends;
    await gone(pid);
    await expect(host.strip([scene.picture])).rejects.toEqual(closed);
    expect(host.pid).toBeUndefined();
  });

  it('ends a process that is just starting', async () => {
    const host = open();
    const call = host.strip([scene.picture]);
    const ends = expect(call).rejects.toBeInstanceOf(EngineFailure);
    await expect.poll(() => host.pid).toBeDefined();
    const pid = host.pid!;
    await host.close();
    await ends;
    await gone(pid);
  });

  it('may be asked for twice, and before anything began', async () => {
    const host = open();
    await host.close();
    await host.close();
  });
});
