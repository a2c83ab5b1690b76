import { pino, type Logger } from 'pino';
import { type ChatFlags, runChat } from './chat.js';
import { resolveCheckpoint } from './checkpoints.js';
import { type Config, readConfig, signingSecret } from './config.js';
import { registerCommands } from './bot/discord/commands.js';
import { maskLink } from './bot/web/maskLink.js';
import { Dedit, type DeditOptions } from './dedit.js';
import type { Engine } from './engine/engine.js';
import { UserError } from './engine/errors.js';
import { EngineHost } from './engine/host.js';
import { Blobs } from './sessions/blobs.js';
import { platformsOf } from './platforms.js';

/** `dedit start`: bots for which there are tokens, and the page. Runs until it is told to stop. */
export async function runStart(): Promise<void> {
  const config = readConfig();
  const logger = makeLogger(config);
  const secret = signingSecret(config);
  const base = config.PUBLIC_URL ?? `http://localhost:${config.WEB_PORT}`;
  const page = config.WEB === 'on';
  const dedit = await Dedit.open({
    ...(await optionsOf(config, logger)),
    works: config.WORK === 'on',
    ...(page ? { maskLink: (session, item) => maskLink(secret, { session, item }, base) } : {}),
  });
  const platforms = platformsOf(config, dedit, secret, logger);
  await dedit.serve(platforms);
  if (page) console.log(`dedit: ${base}`);
  const names = platforms.map(({ name }) => name).join(', ');
  logger.info({ platforms: names }, `dedit is listening: ${names}`);
  await stopSignal();
  logger.info('stopping: the work under way is put back');
  await dedit.close();
}

/** `dedit worker`: takes jobs of a shared database, speaks to nobody. */
export async function runWorker(): Promise<void> {
  const config = readConfig();
  if (!config.DATABASE_URL)
    throw new UserError(
      'workers share a Postgres server: set DATABASE_URL (dedit start works by itself without)',
    );
  const logger = makeLogger(config);
  const dedit = await Dedit.open(await optionsOf(config, logger));
  await dedit.worker.start();
  logger.info('worker: waiting for jobs');
  await stopSignal();
  await dedit.close();
}

/** `dedit register`: tells Discord the slash commands, once a version. */
export async function runRegister(): Promise<void> {
  const { DISCORD_TOKEN: token, DISCORD_GUILD_ID: guildId } = readConfig();
  if (!token) throw new UserError('Discord needs DISCORD_TOKEN: see docs/discord.md');
  const { commands, invite } = await registerCommands({ token, ...(guildId ? { guildId } : {}) });
  console.log(`registered ${commands.length} commands; invite the bot with ${invite}`);
}

/** `dedit chat`: the same conversation in the terminal. */
export async function runChatCommand(flags: ChatFlags): Promise<void> {
  const config = readConfig();
  const logger = makeLogger({
    ...config,
    LOG_LEVEL: config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL,
  });
  // a script is not a flood
  const dedit = await Dedit.open({ ...(await optionsOf(config, logger)), messagesPerMinute: 0 });
  await runChat(dedit, flags, config.DATA_DIR);
}

async function optionsOf(config: Config, logger: Logger): Promise<DeditOptions> {
  for (const name of config.CHECKPOINTS) resolveCheckpoint(name);
  return {
    dataDir: config.DATA_DIR,
    databaseUrl: config.DATABASE_URL,
    blobs: await Blobs.of(config),
    checkpoints: config.CHECKPOINTS,
    engine: (checkpoint) => openEngine(config, checkpoint),
    messagesPerMinute: config.MESSAGES_PER_MINUTE,
    quotas: { uploadsPerDay: config.UPLOADS_PER_DAY, editsPerDay: config.EDITS_PER_DAY },
    keepDays: config.KEEP_DAYS,
    logger,
  };
}

function openEngine(config: Config, checkpoint: string): Engine {
  return new EngineHost({
    checkpoint: resolveCheckpoint(checkpoint),
    // 'auto' is the CPU until a device is measured to be faster for the checkpoint at hand
    device: config.DEVICE === 'auto' ? 'cpu' : config.DEVICE,
    ...(config.FINETUNE_STEPS ? { finetuneSteps: config.FINETUNE_STEPS } : {}),
    ...(config.ENGINE_MEMORY_MB > 0 ? { memoryLimit: config.ENGINE_MEMORY_MB } : {}),
  });
}

/** Logs as JSON lines on stderr; tokens never enter them, what people write only when LOG_PROMPTS says so. */
function makeLogger({ LOG_LEVEL, LOG_PROMPTS }: Config): Logger {
  const said = ['say', 'text', '*.say', '*.text', 'prompt', '*.prompt'];
  const secrets = ['token', '*.token', 'headers.authorization', '*.headers.authorization'];
  return pino(
    { level: LOG_LEVEL, redact: [...secrets, ...(LOG_PROMPTS === 'yes' ? [] : said)] },
    pino.destination({ dest: 2, sync: true }),
  );
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
