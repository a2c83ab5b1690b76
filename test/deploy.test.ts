/** What runs dedit elsewhere: the files name what is there, and their commands are tried without a container. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { variables } from '../src/app/config.js';

interface Finding {
  readonly type: 'error' | 'warning';
  readonly line: number;
  readonly message: string;
}
const read = (file: string): string => readFileSync(file, 'utf8');

it('a linter finds nothing to say about the Dockerfile', () => {
  expect(validate(read('Dockerfile')).map(({ message }) => message)).toEqual([]);
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('copies only what is there and what the build may see', () => {
    const seen = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    for (const path of copied) {
      expect(existsSync(path), path).toBe(true);
      expect(seen).toContain(path.split('/')[0]);
    }
  });

  it('runs as nobody in particular, is asked how it is, and starts what package.json starts', () => {
    expect(lines).toContain('USER node');
    expect(lines.findIndex((l) => l === 'USER node')).toBeLessThan(
      lines.findIndex((l) => l.startsWith('CMD')),
    );
    const [, health] = /^HEALTHCHECK .*CMD (\[.*\])$/.exec(lines.find((l) => l.startsWith('HEALTHCHECK'))!)!;
    const [command, ...args] = JSON.parse(health!) as string[];
    // nobody listens there: it says so by its status, and is a program that parses
    const asked = spawnSync(command!, args, { env: { ...process.env, WEB_PORT: '1' }, encoding: 'utf8' });
    expect({ status: asked.status, stderr: asked.stderr }).toEqual({ status: 1, stderr: '' });
    const entry = JSON.parse(lines.find((l) => l.startsWith('ENTRYPOINT'))!.slice(11)) as string[];
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect([...entry, 'start'].join(' ')).toBe(scripts.start);
  });
});

describe.each(['compose.yaml', 'deploy/compose.workers.yaml'])('%s', (file) => {
  const { services, volumes } = parse(read(file), { merge: true }) as {
    services: Record<
      string,
      { image?: string; environment?: Record<string, string>; volumes?: string[]; command?: string[] }
    >;
    volumes: Record<string, unknown>;
  };
  it('is what the compose specification allows, and a linter finds nothing wrong', () => {
    const [{ messages }] = new DCLinter({
      // `docker compose build` makes the image that both services are
      rules: { 'no-build-and-image': 0 },
    } as never).lintFiles([file], false) as [{ messages: Finding[] }];
    const wrong = messages.filter(({ type }) => type === 'error');
    expect(wrong.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  });

  it('sets what dedit reads, and names volumes and commands that exist', () => {
    for (const { image, environment = {}, volumes: mounted = [], command } of Object.values(services)) {
      for (const mount of mounted) expect(Object.keys(volumes)).toContain(mount.split(':')[0]);
      if (image !== 'dedit:local') continue;
      for (const name of Object.keys(environment)) expect(Object.keys(variables)).toContain(name);
      if (command)
        expect(execFileSync(process.execPath, ['bin/dedit.js', '--help'], { encoding: 'utf8' })).toContain(
          command[0],
        );
    }
  });
});

it('the systemd unit starts the program that is there, with settings that dedit reads', () => {
  const unit = read('deploy/dedit.service');
  const [, program, command] = /^ExecStart=\S+ \/opt\/dedit\/(\S+) (\S+)$/m.exec(unit)!;
  expect(existsSync(program!)).toBe(true);
  expect(command).toBe('start');
  for (const [, name] of unit.matchAll(/^Environment=(\w+)=/gm))
    expect(Object.keys(variables)).toContain(name);
  // where systemd is, it reads the unit too
  const verified = spawnSync('systemd-analyze', ['verify', 'deploy/dedit.service'], { encoding: 'utf8' });
  if (!verified.error) expect(verified.stderr).not.toMatch(/Unknown|Failed to parse/);
});
