/**
 * Every `sh` block of the documentation, read from the file it stands in. With DEDIT_BLOCKS set (as CI does, on the
 * oldest and the newest Node that we say will do) they are run in a clean clone; of those that are not, the commands exist.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { freePort, temporaryFolder } from './fixtures.js';

interface Block {
  readonly where: string;
  readonly lines: readonly string[];
  /** Why it is not run here, as `<!-- not run: … -->` right above it says. */
  readonly notRun: string | undefined;
}

const files = execFileSync('git', ['ls-files', 'README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'docs/*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n');

function blocksOf(file: string): Block[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:^<!-- not run: (.+) -->\n)?^```sh\n([^]*?)^```/gm)].map(
    ({ index, 1: notRun, 2: body = '' }) => ({
      where: `${file}:${text.slice(0, index).split('\n').length}`,
      lines: body.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')),
      notRun,
    }),
  );
}

const blocks = files.flatMap(blocksOf);
const run = blocks.filter(({ notRun }) => notRun === undefined);

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const cli = readdirSync('src/cli')
  .map((name) => readFileSync(join('src/cli', name), 'utf8'))
  .join('\n');

/** What a command names and is not there: a script, a file, a subcommand, an option; or a program that is not known here. */
function missing(command: string): string[] {
  const [program = '', first = '', second = '', ...more] = command.trim().split(/\s+/);
  const unless = (isThere: boolean, what: string): string[] => (isThere ? [] : [`${program} ${what}`]);
  switch (program) {
    case 'npm':
      return first === 'run'
        ? unless(second in scripts, second)
        : unless(/^(?:ci|test|start)$/.test(first), first);
    case 'npx': {
      if (first !== 'dedit') return unless(first === 'vitest' && existsSync(more.at(-1) ?? second), first);
      const options = [second, ...more].filter((word) => word.startsWith('--'));
      return [
        ...unless(cli.includes(`.command('${second}`), second),
        ...options.flatMap((option) =>
          unless(cli.includes(`'${option} `) || cli.includes(`'${option}'`), option),
        ),
      ];
    }
    case 'bash':
    case 'python':
      return unless(existsSync(first), first);
    case 'pip':
    case 'unzip':
      return []; // tools of the system's, on files that are not ours
    case 'docker':
      return unless(existsSync('compose.yaml'), 'compose.yaml');
    default:
      return [program];
  }
}

describe('a block that is not run', () => {
  const untried = blocks.filter(({ notRun }) => notRun !== undefined);

  it.each(untried)('$where says why, and its commands are there', ({ lines, notRun }) => {
    expect(notRun!.length).toBeGreaterThan(10);
    const commands = lines.flatMap((line) => line.replace(/\s+#.*$/, '').split('&&'));
    expect(commands.flatMap(missing)).toEqual([]);
  });

  it('is told from one that names what is not there', () => {
    expect(missing('npx dedit edit a.png --say x --out b.png')).toEqual([]);
    expect(
      ['npm run nothing', 'npx dedit fly', 'npx dedit edit --fly', 'python gone.py', 'fly'].flatMap(missing),
    ).toEqual(['npm nothing', 'npx fly', 'npx --fly', 'python gone.py', 'fly']);
  });
});

describe.skipIf(!process.env.DEDIT_BLOCKS)('in a clean clone', () => {
  const clone = join(temporaryFolder(), 'dedit');
  let env: NodeJS.ProcessEnv;
  let installed = false;
  beforeAll(async () => {
    execFileSync('git', ['clone', '--quiet', process.cwd(), clone]);
    const scene = sharp(readFileSync('examples/scene.png'));
    await scene.jpeg().toFile(join(clone, 'photo.jpg'));
    cpSync('examples/scene.png', join(clone, 'photo.png'));
    // a newcomer's shell: nothing of the test runner's, and the shortest learning there is
    const own = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|CI$)/.test(name));
    env = {
      ...Object.fromEntries(own),
      ...{ FINETUNE_STEPS: '2,2', WEB_PORT: String(await freePort()), LOG_LEVEL: 'error' },
    };
  });

  it.each(run)(
    '$where',
    async ({ lines }) => {
      for (const written of lines) {
        // installing again would find the same
        const line = installed ? written.replace(/^npm ci( && )?/, '') : written;
        installed ||= line.startsWith('npm ci');
        if (/\bnpm start\b/.test(line)) {
          await listens(line);
          continue;
        }
        const { status, stderr, stdout } = spawnSync('sh', ['-c', line], {
          ...{ cwd: clone, env, encoding: 'utf8', timeout: 400_000 },
          input: 'remove 2\nhelp\nquit\n',
        });
        expect(status, `${line}\n${stdout}\n${stderr}`).toBe(0);
        expect(stderr, 'a warning of ours').not.toMatch(
          /npm warn (?!EBADENGINE|deprecated|Unknown (user|global|env) config)/i,
        );
      }
    },
    500_000,
  );

  /** A command that listens until it is told to stop, as by Ctrl+C. */
  async function listens(line: string): Promise<void> {
    const child = spawn('sh', ['-c', line], { cwd: clone, env, detached: true });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    try {
      await expect.poll(() => said, { timeout: 300_000, interval: 100 }).toMatch(/^dedit: http:\S+$/m);
      const address = /^dedit: (http:\S+)$/m.exec(said)![1]!;
      const page = await fetch(address);
      expect(await page.text()).toContain('<title>');
    } finally {
      process.kill(-child.pid!, 'SIGINT');
      await ended;
    }
    expect(said).not.toMatch(/this is a bug/);
  }
});
