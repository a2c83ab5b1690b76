import { pino, type Logger } from 'pino';
import type { Engine } from '../engine/engine.js';
import { EngineHost } from '../engine/process/host.js';
import { defaultBudget } from '../engine/process/memory.js';
import { Blobs } from '../sessions/blobs.js';
import { embeddingsFor, lorasFor, resolveCheckpoint, resolveSegmenter, vaeFor } from './checkpoints.js';
import type { Config } from './config.js';
import type { DeditOptions, EnginePart } from './dedit.js';

/** What `Dedit.open` needs, by the settings. @throws UserError when a checkpoint or a segmenter that they name is not there */
export async function optionsOf(config: Config, logger: Logger): Promise<DeditOptions> {
  for (const name of config.CHECKPOINTS) resolveCheckpoint(name);
  if (config.SEGMENTER) resolveSegmenter(config.SEGMENTER);
  return {
    dataDir: config.DATA_DIR,
    databaseUrl: config.DATABASE_URL,
    blobs: await Blobs.of(config),
    checkpoints: config.CHECKPOINTS,
    engine: (checkpoint, part) => openEngine(config, checkpoint, part),
    messagesPerMinute: config.MESSAGES_PER_MINUTE,
    quotas: {
      uploadsPerDay: config.UPLOADS_PER_DAY,
      editsPerDay: config.EDITS_PER_DAY,
      bytesEach: config.STORAGE_MB_EACH * 2 ** 20,
      bytesTogether: config.STORAGE_MB * 2 ** 20,
    },
    reserve: config.DISK_RESERVE_MB * 2 ** 20,
    keepDays: config.KEEP_DAYS,
    forgetRewrites: config.FORGET_REWRITES === 'on',
    logger,
    learn: learningOf(config),
  };
}

/** A CPU is busy for a minute with what most edits do not need; a GPU is done before anybody has looked. */
const learningOf = ({ LEARN, DEVICE }: Config): 'eager' | 'lazy' =>
  LEARN === 'auto' ? (DEVICE === 'cpu' || DEVICE === 'auto' ? 'lazy' : 'eager') : LEARN;

/** Somebody waits for what pixels answer within seconds, whatever is learned beside it. */
export const NICENESS: Record<EnginePart, number> = { pixels: 5, checkpoint: 10 };

function openEngine(config: Config, checkpoint: string, part: EnginePart): Engine {
  const loras = lorasFor(checkpoint, config.LORAS);
  const vae = vaeFor(checkpoint, config.VAE);
  const embeddings = embeddingsFor(checkpoint, config.EMBEDDINGS);
  return new EngineHost({
    checkpoint: resolveCheckpoint(checkpoint),
    ...(loras.length > 0 ? { loras } : {}),
    ...(vae ? { vae } : {}),
    ...(embeddings.length > 0 ? { embeddings } : {}),
    ...(part === 'checkpoint' ? deviceOf(config) : {}), // a GPU has nothing to do for pixels
    safety: config.SAFETY,
    niceness: NICENESS[part],
    ...(config.SEGMENTER ? { segmenter: resolveSegmenter(config.SEGMENTER) } : {}),
    ...(config.FINETUNE_STEPS ? { finetuneSteps: config.FINETUNE_STEPS } : {}),
    memoryLimit: config.ENGINE_MEMORY_MB || defaultBudget(),
  });
}

/** 'auto' is the CPU until a device is measured to be faster for the checkpoint at hand. */
const deviceOf = ({ DEVICE, PRECISION }: Config) => ({
  device: DEVICE === 'auto' ? ('cpu' as const) : DEVICE,
  precision: PRECISION,
});

/** Logs as JSON lines on stderr; tokens never enter them, what people write only when LOG_PROMPTS says so. */
export function makeLogger({ LOG_LEVEL, LOG_PROMPTS }: Config): Logger {
  const said = ['say', 'text', '*.say', '*.text', 'prompt', '*.prompt'];
  const secrets = ['token', '*.token', 'headers.authorization', '*.headers.authorization'];
  return pino(
    { level: LOG_LEVEL, redact: [...secrets, ...(LOG_PROMPTS === 'yes' ? [] : said)] },
    pino.destination({ dest: 2, sync: true }),
  );
}

/**
 * The clients of the platforms answer a packet of a form they do not know with a rejection that nobody catches, which
 * would end the process and everybody's work with it: it is a line in the log.
 */
export function outlive(logger: Pick<Logger, 'error'>): void {
  process.on('unhandledRejection', (error) =>
    logger.error({ err: error }, 'something failed where nobody waited for it; going on'),
  );
}

/** Resolves when the process is told to stop. */
export async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
