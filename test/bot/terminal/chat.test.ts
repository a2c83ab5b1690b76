/** `dedit chat` as a person starts it: the real program, the real engine, fine-tuning cut short. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/app/checkpoints.js';
import { temporaryFolder } from '../../fixtures.js';

const PROGRAM = join(PACKAGE_ROOT, 'bin', 'dedit.js');
const SCENE = join(PACKAGE_ROOT, 'examples', 'scene.png');

const chat = (folder: string, ...args: string[]) =>
  spawnSync(process.execPath, [PROGRAM, 'chat', '--out', join(folder, 'out'), ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env.PATH, FINETUNE_STEPS: '2,2' },
  });

const script = (folder: string, ...lines: string[]): string => {
  const path = join(folder, 'script.txt');
  writeFileSync(path, lines.join('\n'));
  return path;
};

interface Line {
  readonly event: 'said' | 'reply' | 'progress';
  readonly kind?: string;
  readonly text: string;
  readonly files?: readonly string[];
}

it('a script of messages leaves pictures named by number and kind, and one event a line', async () => {
  const folder = temporaryFolder();
  const { stdout, stderr, status } = chat(
    folder,
    '--json',
    '--script',
    script(
      folder,
      `attach ${SCENE}`,
      'steps 3',
      'replace 2 with a cat',
      'react 3️⃣',
      'wibble',
      'undo',
      'export',
    ),
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const replies = lines.filter(({ event }) => event === 'reply');
  expect(replies.map(({ kind }) => kind)).toEqual([
    ...['overlay', 'note', 'result', 'overlay', 'result', 'overlay', 'refusal', 'overlay', 'export'],
  ]);
  expect(readdirSync(join(folder, 'out'))).toEqual([
    ...['001-overlay.png', '002-result.png', '003-overlay.png', '004-result.png', '005-overlay.png'],
    ...['006-overlay.png', '007-export.png', '008-overlay.png', '009-labels.png', '010-items.json'],
  ]);
  const { width, height } = await sharp(join(folder, 'out', '002-result.png')).metadata();
  expect([width, height]).toEqual([128, 128]);
  expect(replies.flatMap(({ files }) => files ?? [])).toHaveLength(10);
});

it('goes on where a killed chat was, and says what is wrong in one line', async () => {
  const folder = temporaryFolder();
  const child = spawn(
    process.execPath,
    [PROGRAM, 'chat', '--json', '--out', join(folder, 'out'), '--image', SCENE],
    { cwd: folder, env: { PATH: process.env.PATH, FINETUNE_STEPS: '2,2' } },
  );
  let heard = '';
  child.stdout.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  await expect.poll(() => heard, { timeout: 90_000 }).toContain('"kind":"overlay"');
  child.stdin.write('make 2 red\n');
  await expect.poll(() => heard, { timeout: 90_000 }).toContain('"kind":"result"');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const resumed = chat(folder, '--json', '--resume', '--script', script(folder, 'history'));
  expect(resumed.status).toBe(0);
  expect(resumed.stdout).toContain('1: make 2 red');

  for (const [args, message] of [
    [['--script', 'nowhere.txt'], 'cannot read nowhere.txt'],
    [['--image', 'nowhere.png'], 'cannot read nowhere.png'],
    [['--script', script(folder, 'remove 2')], 'send a picture first'],
  ] as const) {
    const { stderr, status } = chat(folder, ...args);
    expect(stderr).toMatch(/^dedit: [^\n]+\n$/);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  }
});
