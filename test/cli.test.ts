import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../src/app/checkpoints.js';
import type { Measured } from '../src/engine/bench.js';
import { readHeader } from '../src/engine/checkpoint/safetensors.js';
import { FIXTURES, temporaryFolder } from './fixtures.js';

const dedit = (...args: string[]) =>
  spawnSync(process.execPath, [join(PACKAGE_ROOT, 'bin', 'dedit.js'), ...args], { encoding: 'utf8' });
const scene = join(PACKAGE_ROOT, 'examples', 'scene.png');

describe('dedit segment', () => {
  it('writes overlay.png, labels.png and items.json', async () => {
    const out = temporaryFolder();
    expect(dedit('segment', scene, '--out', out).status).toBe(0);
    const items = JSON.parse(readFileSync(join(out, 'items.json'), 'utf8')) as {
      number: number;
      pixels: number;
    }[];
    expect(items.length).toBeGreaterThanOrEqual(3);
    expect(items.length).toBeLessThanOrEqual(8);
    expect(items.map((i) => i.number)).toEqual(items.map((_, i) => i + 1));
    const labels = await sharp(join(out, 'labels.png')).raw().toBuffer({ resolveWithObject: true });
    expect([labels.info.width, labels.info.height]).toEqual([128, 128]);
    expect(items.reduce((sum, i) => sum + i.pixels, 0)).toBe(128 * 128);
    expect(existsSync(join(out, 'overlay.png'))).toBe(true);
  });
});

describe('dedit edit', () => {
  it('edits in turn, keeps what was learned, and gives the same file again from it', () => {
    const out = temporaryFolder();
    const say = ['--say', 'replace 2 with a dog', '--say', 'remove 3', '--seed', '5', '--steps', '4'];
    const first = dedit(
      'edit',
      scene,
      ...say,
      '--out',
      join(out, 'a.png'),
      '--finetune-steps',
      '2,2',
      '--save',
      join(out, 'kept'),
    );
    expect(first.stderr).toBe('');
    expect(first.status).toBe(0);
    const second = dedit('edit', scene, ...say, '--out', join(out, 'b.png'), '--load', join(out, 'kept'));
    expect(second.status).toBe(0);
    expect(readFileSync(join(out, 'b.png'))).toEqual(readFileSync(join(out, 'a.png')));
  });
});

it('dedit edit learns and draws as the flags say', () => {
  const out = temporaryFolder();
  const run = (name: string, ...flags: string[]): Buffer => {
    const to = ['--out', join(out, name), '--save', join(out, 'kept')];
    const sampling = ['--steps', '2', '--sampler', 'ddim', '--strength', '100%', '--edge', '3'];
    const learning = ['--method', 'lora', '--rank', '2', '--batch', '1', '--finetune-steps', '1,1'];
    const say = ['--say', 'replace 2 with a dog', '--checkpoint', join(FIXTURES, 'tiny-sd')];
    const { status, stderr, stdout } = dedit(
      'edit',
      scene,
      ...say,
      ...to,
      ...sampling,
      ...learning,
      ...flags,
    );
    expect([status, stderr]).toEqual([0, '']);
    // random weights draw nothing well
    expect(stdout).toContain('This is a rough drawing');
    return readFileSync(join(out, name));
  };
  const plain = run('a.png', '--guidance', '1');
  const kept = readHeader(join(out, 'kept', 'pytorch_lora_weights.safetensors'));
  for (const [name, { shape }] of kept) expect(shape[name.includes('lora_A') ? 0 : 1], name).toBe(2);
  expect(Buffer.compare(run('b.png', '--guidance', '7.5'), plain)).not.toBe(0);
});

describe('dedit doctor', () => {
  const doctor = (env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [join(PACKAGE_ROOT, 'bin', 'dedit.js'), 'doctor'], {
      encoding: 'utf8',
      cwd: temporaryFolder(),
      env: { PATH: process.env.PATH, ...env },
    });

  it('says what works, and is content with a machine that has no GPU and no tokens', () => {
    const { stdout, stderr, status } = doctor({ WEB_PORT: '0' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    for (const line of [
      /^✓ cpu +computes in float32 \(.+\); [\d.]+ learning steps a second; used \(DEVICE\)$/m,
      /^– cuda +.*not installed: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node/m,
      /^✓ checkpoint +pocket opens .*: \S+, \d+ steps, guidance/m,
      /^– discord +no DISCORD_TOKEN/m,
    ])
      expect(stdout).toMatch(line);
  });

  it('says how to mend what the settings ask for and what does not work, and fails', () => {
    const { stdout, stderr, status } = doctor({
      WEB: 'off',
      CHECKPOINTS: 'pocket,sd99',
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/x',
      DATA_DIR: join(PACKAGE_ROOT, 'package.json', 'data'),
    });
    expect(stdout).toMatch(/^✗ checkpoint +there is no checkpoint "sd99"/m);
    expect(stdout).toMatch(/^✗ database +cannot reach the database/m);
    expect(stdout).toMatch(/^✗ blobs +.*check DATA_DIR/m);
    expect(stderr).toBe('dedit: not everything works here: see checkpoint, database, blobs above\n');
    expect(status).toBe(1);
  });

  it('names the variable that is wrong', () => {
    const { stdout, status } = doctor({ WEB_PORT: 'sixty' });
    expect(stdout).toMatch(/^✗ settings +.*WEB_PORT/m);
    expect(status).toBe(1);
  });
});

it('dedit pull refuses what is no checkpoint, and says so when there is no network', () => {
  const pull = (name: string) =>
    spawnSync(process.execPath, [join(PACKAGE_ROOT, 'bin', 'dedit.js'), 'pull', name], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: temporaryFolder(), HF_ENDPOINT: 'http://127.0.0.1:1' },
    });
  for (const [name, message] of [
    ['../../x', 'is no checkpoint'],
    ['sd15', 'check the network'],
    ['segmenter', 'check the network'],
  ] as const) {
    const { stderr, status } = pull(name);
    expect(stderr).toMatch(/^dedit: [^\n]+\n$/);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  }
});

describe('what is wrong is one line on stderr and status 1', () => {
  const folder = temporaryFolder();
  const file = (name: string, bytes: Uint8Array | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const edit = (image: string, ...more: string[]) =>
    dedit(
      'edit',
      image,
      '--say',
      'remove 2',
      '--out',
      join(folder, 'x.png'),
      '--finetune-steps',
      '0,0',
      ...more,
    );

  it.each([
    ['a file that is not there', () => edit(join(folder, 'none.png'))],
    ['a text', () => edit(file('a.png', 'hello'))],
    ['an empty file', () => edit(file('b.png', ''))],
    ['a truncated picture', () => edit(file('c.png', readFileSync(scene).subarray(0, 900)))],
    ['words nobody understands', () => edit(scene, '--say', 'fly me to the moon')],
    ['an item that is not there', () => edit(scene, '--say', 'remove 30')],
    ['a checkpoint that is not there', () => edit(scene, '--checkpoint', 'nowhere')],
    ['a device that does not exist', () => edit(scene, '--device', 'abacus')],
    ['a seed that is no number', () => edit(scene, '--seed', 'x')],
    ['a rank of nothing', () => edit(scene, '--rank', '0')],
    ['a sampler nobody knows', () => edit(scene, '--sampler', 'magic')],
    ['a missing option', () => dedit('edit', scene)],
    ['an unknown command', () => dedit('fly')],
  ])('%s', (_, run) => {
    const { status, stderr } = run();
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^dedit: /);
    expect(stderr).not.toMatch(/bug|at .*\.js/);
    expect(status).toBe(1);
  });

  it('a picture of 1x1, and one of 20,000x20,000', async () => {
    const tiny = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const huge = await sharp({
      create: { width: 20_000, height: 20_000, channels: 3, background: 'red' },
      limitInputPixels: false,
    } as never)
      .png({ compressionLevel: 1 })
      .toBuffer();
    for (const [name, bytes] of [
      ['1.png', tiny],
      ['20000.png', huge],
    ] as const) {
      const { status, stderr } = edit(file(name, bytes));
      expect(status).toBe(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});

describe('dedit bench', () => {
  const bench = (...args: string[]) => {
    const run = spawnSync(
      process.execPath,
      [join(PACKAGE_ROOT, 'bin', 'dedit.js'), 'bench', '--json', '--only', 'forward', ...args],
      { encoding: 'utf8', env: { ...process.env, DEDIT_PYTHON: '/nowhere/python' } },
    );
    return JSON.parse(run.stdout) as Record<string, unknown>[];
  };

  it('prints what a case took, and its ten costliest ops', () => {
    const [row, ...others] = bench('--profile', '--placement');
    expect(others).toEqual([]);
    const { dedit } = row as {
      dedit: Measured;
    };
    expect(row).toMatchObject({ case: 'forward', batch: 2 });
    expect(dedit.ms).toBeGreaterThan(0);
    expect(dedit.peakMB).toBeGreaterThan(50);
    expect(dedit.profile).toHaveLength(10);
    expect(dedit.profile!.map(({ op }) => op)).toContain('Conv');
    const { nodes, onCpu } = dedit.placement!;
    expect(Object.values(onCpu).reduce((a, b) => a + b)).toBe(nodes);
  });

  it('knows its cases by name', () => {
    const { status, stderr } = dedit('bench', '--only', 'forwards');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^dedit: pocket has no case forwards: --only takes forward, guided step, .+\n$/);
  });

  it('stops a case that holds more memory than it may, and says so in its line', () => {
    expect(bench('--memory', '20')).toEqual([
      { case: 'forward', batch: 2, error: 'dedit: stopped above 20 MB' },
    ]);
  });

  it('bench/gpu writes its table as it goes, and goes on where it was', () => {
    const out = temporaryFolder();
    const measure = (...flags: string[]) =>
      spawnSync(
        process.execPath,
        [
          ...[join(PACKAGE_ROOT, 'bench', 'gpu', 'run.js'), '--out', out, '--devices', 'cpu'],
          ...['--shapes', 'tiny', '--runs', '1', ...flags],
        ],
        {
          encoding: 'utf8',
          env: { ...process.env, DEDIT_PYTHON: '/nowhere/python', DEDIT_BENCH: join(out, 'checkpoints') },
        },
      );
    expect(measure('--only', 'forward').stderr).toBe('');
    expect(measure('--only', 'decode').stderr).toBe('');
    const { rows } = JSON.parse(readFileSync(join(out, 'gpu.json'), 'utf8')) as { rows: unknown[] };
    const [ours, took] = [
      { device: 'cpu', shape: 'tiny', precision: 'full' },
      { dedit: { ms: expect.any(Number) } },
    ];
    expect(rows).toMatchObject([
      { ...ours, ...took, case: 'forward', batch: 1 },
      { ...ours, ...took, case: 'forward', batch: 2 },
      { ...ours, ...took, case: 'decode', batch: 1 },
    ]);
    expect(readFileSync(join(out, 'gpu.md'), 'utf8')).toMatch(/^\| cpu, fp32 \| decode \| 1 \| \d/m);
    expect(measure('--minutes', '0').stdout).toContain('call again for cpu tiny full guided step and on');

    const rehearsed = (): { status: number | null; stdout: string } =>
      measure('--rehearse', '--only', 'decode');
    expect(rehearsed()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('0 of them with errors'),
    });
    const [first, ...others] = rows as object[];
    const broken = { rows: [{ ...first, error: 'dedit: it broke' }, ...others] };
    writeFileSync(join(out, 'gpu.json'), JSON.stringify(broken));
    const { status, stdout } = rehearsed();
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /3 rows in .*; 1 of them with errors\ncpu tiny full forward 1: dedit: it broke\n$/,
    );
  });
});
