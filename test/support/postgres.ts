import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../fixtures.js';

const ROOT = '/usr/lib/postgresql';

/** The folder of Debian's newest server, if there is one. */
export function postgresBin(): string | undefined {
  if (!existsSync(ROOT)) return undefined;
  const versions = readdirSync(ROOT)
    .filter((version) => existsSync(join(ROOT, version, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a));
  return versions[0] && join(ROOT, versions[0], 'bin');
}

/** A server of its own in a new folder. It refuses to run as root, so root becomes the user postgres for it. */
export async function startPostgres(bin: string) {
  const dir = mkdtempSync(join(tmpdir(), 'dedit-postgres-'));
  const root = process.getuid?.() === 0;
  if (root) {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());
    chownSync(dir, id('-u'), id('-g'));
  }
  const run = (command: string, ...args: string[]): void => {
    const full = [join(bin, command), ...args];
    if (root) execFileSync('runuser', ['-u', 'postgres', '--', ...full], { stdio: 'ignore', cwd: dir });
    else execFileSync(full[0]!, full.slice(1), { stdio: 'ignore' });
  };
  const port = await freePort();
  const data = join(dir, 'data');
  run('initdb', '-D', data, '-U', 'dedit', '-A', 'trust', '--no-sync');
  const start = (): void =>
    run(
      'pg_ctl',
      '-D',
      data,
      '-w',
      '-l',
      join(dir, 'log'),
      '-o',
      `-p ${port} -h 127.0.0.1 -k ${dir}`,
      'start',
    );
  start();
  /** The server and everybody who serves a connection. */
  const processes = (): number[] => {
    const postmaster = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
    return [postmaster, ...children.split(' ').filter(Boolean).map(Number)];
  };
  return {
    port,
    /** SIGSTOP: the server takes connections and answers nobody, until SIGCONT. */
    signal: (signal: 'SIGSTOP' | 'SIGCONT') => {
      for (const id of processes()) process.kill(id, signal);
    },
    url: `postgresql://dedit@127.0.0.1:${port}/postgres`,
    restart: () => {
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      start();
    },
    stop: () => {
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
