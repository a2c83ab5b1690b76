// Carries out the Dockerfile without a container, where there is none to be had: each stage is a folder, COPY copies what
// .dockerignore lets through, RUN runs there, and at last the image's own health check asks what ENTRYPOINT and CMD started.
//   npm run try:image      (Linux; needs the npm registry, as `docker build` does)
/* global console */
import { execSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const top = mkdtempSync(join(tmpdir(), 'dedit-image-'));
const lines = readFileSync('Dockerfile', 'utf8')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'));
const hidden = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('!') && line !== '*');

/** Of the machine's own environment only what finds programs. */
const outside = { PATH: process.env.PATH, npm_config_cache: process.env.npm_config_cache ?? '' };
let [stage, folder, env] = ['', '', {}];
const within = (path) => (path.startsWith('/') ? join(top, stage, path) : join(folder, path));
const command = {};

for (const line of lines) {
  const [, word, rest] = /^(\w+) (.*)$/.exec(line);
  if (word === 'FROM') {
    [stage, env] = [/ AS (\w+)$/.exec(rest)?.[1] ?? 'last', { ...outside }];
    mkdirSync((folder = join(top, stage)));
  } else if (word === 'WORKDIR') mkdirSync((folder = within(rest)), { recursive: true });
  else if (word === 'ENV')
    for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g))
      env[name] = value.startsWith('/') ? within(value) : value;
  else if (word === 'COPY') {
    const [, from, what] = /^(?:--from=(\w+) )?(.*)$/.exec(rest);
    const [to, ...files] = what.split(' ').reverse();
    for (const file of files) {
      const target = to.endsWith('/') ? join(within(to), basename(file)) : within(to);
      const filter = (path) => from !== undefined || !hidden.some((name) => path.startsWith(name));
      cpSync(from ? join(top, from, file) : file, target, { recursive: true, filter });
    }
  } else if (word === 'RUN') {
    // nobody else is there to own /data
    const run = rest.replace(/ && chown \S+ \S+/, '').replace(/(?<= )\/\w+/g, within);
    console.log(`${stage}: ${rest}`);
    execSync(run, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
  } else if (['ENTRYPOINT', 'CMD', 'HEALTHCHECK'].includes(word))
    command[word] = JSON.parse(/\[.*\]$/.exec(rest)[0]);
}

const port = 3999;
const [program, ...args] = [...command.ENTRYPOINT, ...command.CMD];
const settings = { cwd: folder, env: { ...env, WEB_PORT: String(port) } };
const dedit = spawn(program, args, { ...settings, stdio: 'inherit' });
const [asked, ...question] = command.HEALTHCHECK;
let healthy = false;
for (let i = 0; i < 60 && !healthy && dedit.exitCode === null; i++) {
  await sleep(1000);
  healthy = spawnSync(asked, question, settings).status === 0;
}
const size = execSync(`du -sm ${folder}`, { encoding: 'utf8' }).split('\t')[0];
console.log(healthy ? `healthy; the last stage's files are ${size} MB` : 'it never became healthy');
dedit.kill();
await new Promise((done) => (dedit.exitCode === null ? dedit.once('exit', done) : done()));
rmSync(top, { recursive: true, force: true });
process.exitCode = healthy ? 0 : 1;
