import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { PRECISIONS, SAFETY } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import { keepPrivate } from '../sessions/private.js';

const text = z.string().trim().min(1).optional();
/** Ids as platforms give them, separated by commas. */
const ids = z
  .string()
  .regex(/^\s*[A-Z0-9]+(\s*,\s*[A-Z0-9]+)*\s*$/, 'say ids, separated by commas')
  .transform((text) => text.split(',').map((id) => id.trim()))
  .optional();
const address = z.url({ protocol: /^https?$/, error: 'say the address of an API, as https://…' }).optional();
const count = (fallback: number) => z.coerce.number().int().min(0).default(fallback);
const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

/** Every variable dedit reads; `.env.example` explains them and a test holds the two together. */
export const variables = {
  DATA_DIR: z.string().min(1).default('data'),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'say a Postgres address, as postgresql://user:password@host/dedit',
    })
    .optional(),
  CHECKPOINTS: z.string().min(1).default('pocket'),
  LORAS: text,
  VAE: text,
  EMBEDDINGS: text,
  HF_ENDPOINT: z.url({ error: 'say the address of the Hub or of a mirror' }).optional(),
  HF_TOKEN: text,
  DEVICE: z.enum(['cpu', 'webgpu', 'cuda', 'auto']).default('cpu'),
  PRECISION: z.enum(PRECISIONS).default('auto'),
  SAFETY: z.enum(SAFETY).default('on'),
  SEGMENTER: text,
  ENGINE_MEMORY_MB: count(0),
  FINETUNE_STEPS: z
    .string()
    .regex(/^\d+,\d+$/, 'say two whole numbers, as 60,240')
    .transform((pair) => pair.split(',').map(Number) as [number, number])
    .optional(),
  LEARN: z.enum(['lazy', 'eager', 'auto']).default('auto'),
  WORK: z.enum(['on', 'off']).default('on'),
  WEB: z.enum(['on', 'off']).default('on'),
  WEB_HOST: z.string().min(1).default('127.0.0.1'),
  WEB_PORT: port(3000),
  PUBLIC_URL: z
    .url({ error: 'say the address people reach the page by, as https://dedit.example.org' })
    .optional(),
  SECRET: z.string().min(16, 'say at least 16 characters').optional(),
  DISCORD_TOKEN: text,
  DISCORD_GUILD_ID: text,
  DISCORD_API_URL: address,
  DISCORD_CHANNELS: ids,
  DISCORD_ROLES: ids,
  DISCORD_SHARDS: z.union([z.literal('auto'), z.coerce.number().int().min(1)]).default('auto'),
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'a bot token begins with xoxb-').optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'an app-level token begins with xapp-').optional(),
  SLACK_SIGNING_SECRET: text,
  SLACK_API_URL: address,
  SLACK_HOST: z.string().min(1).default('127.0.0.1'),
  SLACK_CHANNELS: ids,
  SLACK_PICTURES: z.enum(['blocks', 'files']).default('blocks'),
  SLACK_PORT: port(3001),
  UPLOADS_PER_DAY: count(50),
  EDITS_PER_DAY: count(500),
  MESSAGES_PER_MINUTE: count(30),
  KEEP_DAYS: count(30),
  STORAGE_MB_EACH: count(2000),
  STORAGE_MB: count(0),
  DISK_RESERVE_MB: count(512),
  FORGET_REWRITES: z.enum(['on', 'off']).default('off'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  LOG_PROMPTS: z.enum(['yes', 'no']).default('no'),
  S3_BUCKET: text,
  S3_ENDPOINT: z.url().optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY_ID: text,
  S3_SECRET_ACCESS_KEY: text,
} as const;

const schema = z.object(variables).superRefine((env, context) => {
  const wrong = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (env.SLACK_BOT_TOKEN && !env.SLACK_APP_TOKEN && !env.SLACK_SIGNING_SECRET)
    wrong('SLACK_APP_TOKEN', 'Slack needs it (Socket Mode), or SLACK_SIGNING_SECRET (signed HTTP)');
  if ((env.SLACK_APP_TOKEN || env.SLACK_SIGNING_SECRET) && !env.SLACK_BOT_TOKEN)
    wrong('SLACK_BOT_TOKEN', 'Slack needs it beside the other SLACK_ variables');
  if (env.WORK === 'off' && !env.DATABASE_URL)
    wrong('WORK', 'off leaves nobody to work: set DATABASE_URL and start a dedit worker');
  if (env.S3_BUCKET && !(env.S3_ACCESS_KEY_ID && env.S3_SECRET_ACCESS_KEY))
    wrong('S3_ACCESS_KEY_ID', 'S3_BUCKET needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY');
});

export type Config = Omit<z.infer<typeof schema>, 'CHECKPOINTS'> & {
  readonly CHECKPOINTS: readonly string[];
};

/**
 * The environment, parsed once; a `.env` in the working folder fills in what is not set.
 * @throws UserError naming the variable and what it wants; the value itself is never shown
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env, dotenv = '.env'): Config {
  const file = existsSync(dotenv) ? parseDotenv(readDotenv(dotenv)) : {};
  const given = Object.fromEntries(
    Object.keys(variables).flatMap((name) => {
      const value = env[name] ?? file[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new UserError(`the settings are not right: ${lines.join('; ')} (see .env.example)`);
  }
  const CHECKPOINTS = parsed.data.CHECKPOINTS.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return { ...parsed.data, DATA_DIR: resolve(parsed.data.DATA_DIR), CHECKPOINTS };
}

function readDotenv(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${path} cannot be read (${code}): check that it is a file and its permissions`);
  }
}

/**
 * A name, `=`, and a value in quotes or as it is. A # begins a comment after white space only: a secret may hold one.
 */
const LINE =
  /^\s*(?:export\s+)?([A-Z0-9_]+)\s*=\s*(?:(?:"([^"]*)"|'([^']*)')\s*(?:#.*)?|((?:[^#\s].*?)?)(?:\s+#.*|\s*))$/;

function parseDotenv(source: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const line of source.split(/\r?\n/)) {
    const match = LINE.exec(line);
    if (match) out[match[1]!] = match[2] ?? match[3] ?? match[4] ?? '';
  }
  return out;
}

export const secretPath = (dataDir: string): string => join(dataDir, 'secret');

/**
 * The secret that signs links and cookies: SECRET, or one made once and kept in the data folder.
 * @throws UserError when the file is not as it was written
 */
export function signingSecret({ SECRET, DATA_DIR }: Pick<Config, 'SECRET' | 'DATA_DIR'>): string {
  if (SECRET) return SECRET;
  const path = secretPath(DATA_DIR);
  if (!existsSync(path)) {
    mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 });
    // under another name until all of it is on the disk: half a secret would sign as well
    const file = openSync(`${path}.new`, 'w', 0o600);
    writeSync(file, randomBytes(32).toString('hex'));
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
  }
  keepPrivate(path);
  const secret = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(secret))
    throw new UserError(
      `${path} is damaged: restore it, or delete it for a new one (visitors of the page begin anew, links to masks end)`,
    );
  return secret;
}
