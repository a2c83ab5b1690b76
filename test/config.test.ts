import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Config, readConfig, signingSecret, variables } from '../src/app/config.js';
import { UserError } from '../src/engine/errors.js';
import { lorasFor, PACKAGE_ROOT, vaeFor } from '../src/app/checkpoints.js';

const dir = mkdtempSync(join(tmpdir(), 'dedit-config-'));
afterAll(() => rmSync(dir, { recursive: true }));
const dotenv = join(dir, '.env');

/** The settings that a `.env` and an environment make. */
const read = (source = '', env: NodeJS.ProcessEnv = {}): Config => {
  writeFileSync(dotenv, source);
  return readConfig(env, dotenv);
};
const refusal = (env: NodeJS.ProcessEnv): string => {
  try {
    read('', env);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error(`${JSON.stringify(env)} was taken`);
};

describe('.env.example', () => {
  const example = readFileSync(join(PACKAGE_ROOT, '.env.example'), 'utf8');

  it('names every variable that is read, and no other', () => {
    const named = [...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name!);
    expect(named.toSorted()).toEqual(Object.keys(variables).toSorted());
  });

  it('as it is means the defaults', () => {
    expect(read(example)).toEqual(read());
  });
});

describe('what is wrong is one line that names the variable and never shows its value', () => {
  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2@host/x'],
    ['DATABASE_URL', 'hunter2'],
    ['DEVICE', 'hunter2'],
    ['ENGINE_MEMORY_MB', 'hunter2'],
    ['ENGINE_MEMORY_MB', '-22222'],
    ['WEB', 'hunter2'],
    ['WEB_PORT', '70222'],
    ['WEB_PORT', 'hunter2'],
    ['PUBLIC_URL', 'hunter2'],
    ['SECRET', 'hunter2'],
    ['SLACK_BOT_TOKEN', 'xoxp-hunter2'],
    ['SLACK_APP_TOKEN', 'hunter2'],
    ['SLACK_PORT', '0.22222'],
    ['UPLOADS_PER_DAY', 'hunter2'],
    ['EDITS_PER_DAY', '1e222'],
    ['KEEP_DAYS', 'hunter2'],
    ['LOG_LEVEL', 'hunter2'],
    ['LOG_PROMPTS', 'hunter2'],
    ['S3_ENDPOINT', 'hunter2'],
    ['DISCORD_TOKEN', '   '],
  ])('%s=%s', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(
      new RegExp(`^the settings are not right: (?:.*; )?${name}: .*\\(see .env.example\\)$`),
    );
    if (value.trim()) expect(message).not.toContain(value);
    expect(message).not.toContain('hunter2');
  });

  it('whatever the variable: nothing of a wrong value comes back', () => {
    for (const name of Object.keys(variables)) {
      try {
        read('', { [name]: 'swordfish\nswordfish' });
      } catch (error) {
        expect((error as Error).message).toMatch(/^the settings are not right: [A-Z0-9_]+: /);
        expect((error as Error).message, name).not.toContain('swordfish');
        expect((error as Error).message, name).not.toContain('\n');
      }
    }
  });

  it.each([
    ['SLACK_APP_TOKEN', { SLACK_BOT_TOKEN: 'xoxb-hunter2' }],
    ['SLACK_BOT_TOKEN', { SLACK_APP_TOKEN: 'xapp-hunter2' }],
    ['SLACK_BOT_TOKEN', { SLACK_SIGNING_SECRET: 'hunter2' }],
    ['S3_ACCESS_KEY_ID', { S3_BUCKET: 'b', S3_SECRET_ACCESS_KEY: 'hunter2' }],
    ['S3_ACCESS_KEY_ID', { S3_BUCKET: 'b', S3_ACCESS_KEY_ID: 'hunter2' }],
  ])('%s is asked for beside %j', (name, env) => {
    const message = refusal(env);
    expect(message).toContain(`${name}: `);
    expect(message).not.toContain('hunter2');
  });

  it('several at once are all named', () => {
    const message = refusal({ DEVICE: 'x', WEB: 'x', KEEP_DAYS: 'x' });
    for (const name of ['DEVICE', 'WEB', 'KEEP_DAYS']) expect(message).toContain(`${name}: `);
  });
});

describe('the settings', () => {
  it('need nothing', () => {
    expect(read()).toMatchObject({
      CHECKPOINTS: ['pocket'],
      DEVICE: 'cpu',
      WEB_HOST: '127.0.0.1',
      WEB_PORT: 3000,
    });
    expect(read().DATA_DIR).toBe(resolve('data'));
    expect(readConfig({}, join(dir, 'none'))).toEqual(read());
  });

  it('of the environment come before those of .env; an empty one is none', () => {
    expect(read('DEVICE=webgpu\nWEB_PORT=1', { DEVICE: 'cuda' })).toMatchObject({
      DEVICE: 'cuda',
      WEB_PORT: 1,
    });
    expect(read('WEB_PORT=', { DEVICE: '' })).toMatchObject({ DEVICE: 'cpu', WEB_PORT: 3000 });
    // so that `DISCORD_TOKEN= dedit start` switches off what .env switches on
    expect(read('DISCORD_TOKEN=abc', { DISCORD_TOKEN: '' }).DISCORD_TOKEN).toBeUndefined();
  });

  it('leave the environment as it is', () => {
    read('DISCORD_TOKEN=abc', process.env);
    expect(process.env.DISCORD_TOKEN).toBeUndefined();
  });

  it('cannot come from a .env that is no file', () => {
    expect(() => readConfig({}, dir)).toThrow(
      new UserError(`${dir} cannot be read (EISDIR): check that it is a file and its permissions`),
    );
  });

  it('know several checkpoints', () => {
    expect(read('', { CHECKPOINTS: 'pocket, runwayml/sd ,,' }).CHECKPOINTS).toEqual([
      'pocket',
      'runwayml/sd',
    ]);
  });
});

describe('a line of .env', () => {
  it.each([
    ['SECRET=abcdefghijklmnopq', 'abcdefghijklmnopq'],
    ['  export SECRET = abcdefghijklmnopq  ', 'abcdefghijklmnopq'],
    ['SECRET="abcdefghijklmnopq"', 'abcdefghijklmnopq'],
    ["SECRET='abcdefghijklmnopq'", 'abcdefghijklmnopq'],
    ['SECRET="abcdefgh # ijklmnopq" # a comment', 'abcdefgh # ijklmnopq'],
    ["SECRET='abc\"defgh#ijklmnopq'", 'abc"defgh#ijklmnopq'],
    ['SECRET=abcdefghijklmnopq # a comment', 'abcdefghijklmnopq'],
    ['SECRET=abcdefgh#ijklmnopq', 'abcdefgh#ijklmnopq'],
    ['SECRET=abc=def=ghijklmnopq==', 'abc=def=ghijklmnopq=='],
    ['SECRET=abcdefgh ijklm nopq', 'abcdefgh ijklm nopq'],
    ['SECRET=abcdefghijklmnopq\r', 'abcdefghijklmnopq'],
    ['\uFEFFSECRET=abcdefghijklmnopq', 'abcdefghijklmnopq'],
    ['# SECRET=abcdefghijklmnopq', undefined],
    ['SECRET=', undefined],
    ['SECRET=""', undefined],
    ['SECRET= # none yet', undefined],
    ['SECRET=#abcdefghijklmnopq', undefined],
    ['SECRET="abcdefghijklmnopq"# a comment', 'abcdefghijklmnopq'],
    ['SECRET=abcdefghijklmnopq\t#a comment', 'abcdefghijklmnopq'],
    ['secret=abcdefghijklmnopq', undefined],
    ['SECRET', undefined],
    ['', undefined],
  ])('%j', (line, value) => {
    expect(read(`KEEP_DAYS=7\n${line}\nEDITS_PER_DAY=9\n`)).toMatchObject({ KEEP_DAYS: 7, EDITS_PER_DAY: 9 });
    expect(read(line).SECRET).toBe(value);
  });

  it('that comes again counts as it stands last', () => {
    expect(read('KEEP_DAYS=1\nKEEP_DAYS=2').KEEP_DAYS).toBe(2);
  });
});

describe('the signing secret', () => {
  it('is the one that is set', () => {
    expect(signingSecret({ SECRET: 'a secret that was set', DATA_DIR: dir })).toBe('a secret that was set');
  });

  it('is made once otherwise, and nobody else may read it', () => {
    const DATA_DIR = join(dir, 'data');
    const made = signingSecret({ SECRET: undefined, DATA_DIR });
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(signingSecret({ SECRET: undefined, DATA_DIR })).toBe(made);
    expect(statSync(join(DATA_DIR, 'secret')).mode & 0o077).toBe(0);
  });
});

it('VAE is a folder with an autoencoder, for all checkpoints or for one', () => {
  const folder = join(PACKAGE_ROOT, 'test', 'fixtures', 'models', 'taesd');
  expect(vaeFor('pocket', `sd15=${folder}`)).toBeUndefined();
  expect(vaeFor('sd15', `sd15=${folder}`)).toBe(folder);
  expect(() => vaeFor('sd15', '/nowhere')).toThrow('there is no autoencoder in /nowhere');
});

describe('LORAS', () => {
  const file = join(dir, 'a.safetensors');
  writeFileSync(file, '');
  it('is for all checkpoints or for one, as strong as it says', () => {
    const setting = `${file}, sd15=${file}:0.8`;
    expect(lorasFor('pocket', setting)).toEqual([{ file, weight: 1 }]);
    expect(lorasFor('sd15', setting)).toEqual([
      { file, weight: 1 },
      { file, weight: 0.8 },
    ]);
    expect(lorasFor('sd15', undefined)).toEqual([]);
  });

  it('names a file that is not there', () => {
    expect(() => lorasFor('sd15', '/no/such.safetensors:1')).toThrow(
      'there is no LoRA file /no/such.safetensors',
    );
  });
});
