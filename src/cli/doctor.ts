import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { discordIdentity } from '../bot/discord/identity.js';
import { slackIdentity } from '../bot/slack/identity.js';
import { embeddingsFor, lorasFor, resolveCheckpoint, resolveSegmenter, vaeFor } from '../app/checkpoints.js';
import { type Config, readConfig } from '../app/config.js';
import {
  type Device,
  Editor,
  openSegmenter,
  precisionOn,
  probeDevice,
  supportedDevices,
} from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import type { Measured } from '../engine/bench.js';
import { placed } from './benchTable.js';
import { describeCache } from './cache.js';
import { learningSpeed, PATIENCE } from './learningSpeed.js';
import { Blobs } from '../sessions/blobs.js';
import { openDatabase } from '../sessions/database.js';
import { lockHolder } from '../sessions/folderLock.js';
import { Views } from '../sessions/views.js';

/** What was found out about one thing; 'off' is not used here, and may stay so. */
interface Finding {
  readonly state: 'ok' | 'off' | 'bad';
  readonly text: string;
}

const MARK = { ok: '✓', off: '–', bad: '✗' } as const;

const ok = (text: string): Finding => ({ state: 'ok', text });
const off = (text: string): Finding => ({ state: 'off', text });
const bad = (text: string): Finding => ({ state: 'bad', text });

/**
 * Says what works on this machine and how to mend what does not. Nothing that is there is changed.
 * @throws UserError when something that the settings ask for does not work
 */
export async function runDoctor(write: (line: string) => void = console.log): Promise<void> {
  const wrong: string[] = [];
  const say = async (name: string, look: () => Finding | Promise<Finding>): Promise<void> => {
    const { state, text } = await Promise.resolve().then(look).catch(complaint);
    write(`${MARK[state]} ${name.padEnd(12)}${text}`);
    if (state === 'bad') wrong.push(name);
  };

  await say('node', () =>
    ok(`${process.version}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`),
  );
  let config: Config | undefined;
  await say('settings', () => {
    config = readConfig();
    return ok(existsSync('.env') ? 'from .env and the environment' : 'no .env: defaults and the environment');
  });
  if (!config) throw new UserError('the settings cannot be read: mend them, then ask the doctor again');
  const { DEVICE, CHECKPOINTS, WEB_HOST, WEB_PORT } = config;
  const settings = config;

  let onCpu: Measured | undefined;
  for (const device of ['cpu', 'webgpu', 'cuda'] as const)
    await say(device, async () => {
      const { finding, speed } = await deviceFinding(device, DEVICE === device, onCpu);
      if (device === 'cpu') onCpu = speed;
      return finding;
    });
  for (const name of CHECKPOINTS)
    await say('checkpoint', async () => await checkpointFinding(name, settings));
  await say('cache', () => ok(describeCache()));
  await say('segmenter', () => segmenterFinding(settings));
  await say('database', () => databaseFinding(settings));
  await say('blobs', () => blobsFinding(settings));
  await say('page', () =>
    settings.WEB === 'on' ? pageFinding(WEB_HOST, WEB_PORT) : off('switched off by WEB'),
  );
  await say('discord', () => discordFinding(settings));
  await say('slack', () => slackFinding(settings));
  if (wrong.length > 0) throw new UserError(`not everything works here: see ${wrong.join(', ')} above`);
}

/** What is thrown is what is wrong; a bug says that it is one. */
const complaint = (error: unknown): Finding =>
  bad(error instanceof UserError ? error.message : `unexpected: ${(error as Error).message.split('\n')[0]}`);

/** What a device answers, and what a learning step takes there. @param cpu the same of the CPU, once it is known */
async function deviceFinding(
  device: Device,
  wanted: boolean,
  cpu: Measured | undefined,
): Promise<{ finding: Finding; speed?: Measured }> {
  try {
    if (!supportedDevices().includes(device)) throw new UserError(`this onnxruntime-node has no ${device}`);
    const { precision, because } = await probeDevice(device);
    const speed = await learningSpeed(device, precision);
    const said = [
      `computes in ${precision === 'half' ? 'halves' : 'float32'} (${because})`,
      ...(speed ? speedOf(speed, cpu) : [`learning steps take too long to be timed (${PATIENCE / 1000} s)`]),
      ...(wanted ? ['used (DEVICE)'] : []),
    ];
    return { finding: ok(said.join('; ')), ...(speed ? { speed } : {}) };
  } catch (error) {
    return { finding: (wanted ? bad : off)((error as Error).message) };
  }
}

/** @param cpu what the same takes on the CPU; without it this is the CPU */
const speedOf = ({ ms, placement }: Measured, cpu: Measured | undefined): string[] => [
  `${(1000 / ms).toPrecision(2)} learning steps a second`,
  ...(cpu ? [`${(cpu.ms / ms).toPrecision(2)} times the CPU's`] : []),
  ...(placement ? [placed(placement)] : []),
];

/** With what the settings add to it, since that may change how it is sampled. */
async function checkpointFinding(
  name: string,
  { LORAS, VAE, EMBEDDINGS, DEVICE, PRECISION }: Config,
): Promise<Finding> {
  const vae = vaeFor(name, VAE);
  // the copies that this makes are those that will be used
  const precision = await precisionOn(DEVICE === 'auto' ? 'cpu' : DEVICE, PRECISION);
  const editor = Editor.open(resolveCheckpoint(name), {
    precision,
    loras: lorasFor(name, LORAS),
    embeddings: embeddingsFor(name, EMBEDDINGS),
    ...(vae ? { vae } : {}),
  });
  const side = editor.pipeline.nativeSide;
  const { sampler, steps, guidance, learnedGuidance } = editor.editDefaults({ width: side, height: side });
  const learned = learnedGuidance === guidance ? '' : ` (${learnedGuidance} for what was learned)`;
  return ok(
    `${name} opens (${editor.pipeline.checkpoint.dir}): ${sampler}, ${steps} steps, guidance ${guidance}${learned}, ${precision} precision`,
  );
}

function segmenterFinding({ SEGMENTER }: Config): Finding {
  if (!SEGMENTER)
    return off('the cut that comes with dedit: "dedit pull segmenter" and SEGMENTER name things');
  const folder = resolveSegmenter(SEGMENTER);
  openSegmenter(folder);
  return ok(`its files are whole (${folder})`);
}

async function databaseFinding({ DATABASE_URL, DATA_DIR }: Config): Promise<Finding> {
  const dir = join(DATA_DIR, 'database');
  if (!DATABASE_URL) {
    if (!existsSync(dir)) return ok(`embedded, will be made in ${dir}`);
    const holder = await lockHolder(dir);
    if (holder !== undefined) return ok(`embedded, in use by process ${holder}`);
  }
  const database = await openDatabase(DATABASE_URL ? { url: DATABASE_URL } : { dir });
  try {
    const sessions = await new Views(database).count();
    return ok(`${DATABASE_URL ? 'a Postgres server' : 'embedded'}, ${sessions} sessions`);
  } finally {
    await database.close();
  }
}

async function blobsFinding(config: Config): Promise<Finding> {
  const where = config.S3_BUCKET ? `the bucket ${config.S3_BUCKET}` : join(config.DATA_DIR, 'blobs');
  const blobs = await Blobs.of(config);
  const session = `doctor-${randomUUID()}`;
  try {
    const key = await blobs.put(session, 'probe', Buffer.from('dedit'));
    if (Buffer.from(await blobs.get(key)).toString() !== 'dedit')
      return bad(`${where} gives back other bytes`);
    await blobs.forget(session);
    return ok(`${where} can be written and read`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { cause, message } = error as Error;
    return bad(
      `${where} cannot be written (${((cause as Error | undefined) ?? { message }).message}): ${config.S3_BUCKET ? 'check the S3_ settings' : 'check DATA_DIR and its permissions'}`,
    );
  }
}

async function pageFinding(host: string, port: number): Promise<Finding> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  const at = `http://${host}:${port}`;
  if (code === 'EADDRINUSE' && (await isDedit(at))) return ok(`dedit answers at ${at}`);
  if (code === 'EADDRINUSE') return bad(`${at} is taken by another program: set WEB_PORT`);
  if (code) return bad(`${at} cannot be listened on (${code}): set WEB_HOST and WEB_PORT`);
  return ok(
    `${at} is free${['127.0.0.1', 'localhost', '::1'].includes(host) ? '' : '; others can reach it: put TLS before it'}`,
  );
}

async function isDedit(at: string): Promise<boolean> {
  try {
    const response = await fetch(`${at}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return response.ok && (await response.text()) === 'ok\n';
  } catch {
    return false;
  }
}

async function discordFinding({ DISCORD_TOKEN, DISCORD_API_URL }: Config): Promise<Finding> {
  if (!DISCORD_TOKEN) return off('no DISCORD_TOKEN: docs/discord.md says how to get one');
  return ok(await named('Discord', () => discordIdentity(DISCORD_TOKEN, DISCORD_API_URL)));
}

async function slackFinding({
  SLACK_BOT_TOKEN,
  SLACK_APP_TOKEN,
  SLACK_SIGNING_SECRET,
  SLACK_API_URL,
}: Config): Promise<Finding> {
  if (!SLACK_BOT_TOKEN) return off('no SLACK_BOT_TOKEN: docs/slack.md says how to get one');
  const name = await named('Slack', () => slackIdentity(SLACK_BOT_TOKEN, SLACK_API_URL));
  return ok(`${name}, by ${SLACK_APP_TOKEN && !SLACK_SIGNING_SECRET ? 'Socket Mode' : 'signed HTTP'}`);
}

async function named(platform: string, ask: () => Promise<string>): Promise<string> {
  try {
    return `the bot is ${await ask()}`;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${platform} cannot be asked (${(error as Error).message.split('\n')[0]}): check the network`,
    );
  }
}
