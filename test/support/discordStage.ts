import type { ChatEvent, Reply, ShowItem } from '../../src/bot/platform.js';
import { DiscordPlatform, type DiscordOptions } from '../../src/bot/discord/platform.js';
import { DiscordDouble, type DoubleMessage, type DoubleOptions } from './discordDouble/index.js';

/** The smallest PNG: what the bytes are is none of an adapter's business. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);

export interface Logged {
  readonly level: string;
  readonly message: string;
  readonly facts: unknown;
}

export interface Stage {
  readonly double: DiscordDouble;
  readonly bot: DiscordPlatform;
  readonly events: ChatEvent[];
  readonly log: Logged[];
  /** The next event of this kind that was not looked at yet. */
  next<K extends ChatEvent['kind']>(kind: K): Promise<ChatEvent & { kind: K }>;
  /** Lets everything that is on its way arrive: an event that comes after it came in order. */
  settle(): Promise<void>;
  message(thread: string, id: string): DoubleMessage;
  close(): Promise<void>;
}

export const options = (
  double: DiscordDouble,
  log: Logged[],
  more: Partial<DiscordOptions> = {},
): DiscordOptions => {
  const level = (name: string) => (facts: unknown, message?: string) =>
    void log.push({ level: name, message: message ?? '', facts });
  return {
    token: double.token,
    checkpoints: ['pocket', 'stable-diffusion-v1-5'],
    logger: {
      debug: level('debug'),
      info: level('info'),
      warn: level('warn'),
      error: level('error'),
    } as unknown as DiscordOptions['logger'],
    allowedHosts: [double.origin],
    editIntervalMs: 120,
    ...more,
    rest: { api: double.api, offset: 5, ...more.rest },
  };
};

/** A double, and the real adapter connected to it; `handle` records unless another is given. */
export async function stage(
  more: Partial<DiscordOptions> & {
    double?: DoubleOptions;
    handle?: (event: ChatEvent) => Promise<void>;
    showItem?: ShowItem;
  } = {},
): Promise<Stage> {
  const { double: doubleOptions, handle, showItem, ...bot } = more;
  const double = await DiscordDouble.start(doubleOptions);
  const events: ChatEvent[] = [];
  const log: Logged[] = [];
  let looked = 0;
  const platform = new DiscordPlatform(options(double, log, bot));
  await platform.start(
    async (event) => {
      events.push(event);
      await handle?.(event);
    },
    async (thread) => events.some((event) => event.kind === 'upload' && event.thread === thread),
    showItem,
  );
  return {
    double,
    bot: platform,
    events,
    log,
    async next(kind) {
      const event = await double.until(() => events[looked], `an event "${kind}"`);
      looked++;
      if (event.kind !== kind) throw new Error(`expected "${kind}", came "${event.kind}"`);
      return event as ChatEvent & { kind: typeof kind };
    },
    async settle() {
      const probe = double.help(double.world.bot);
      await double.until(() => probe.acknowledgedAfterMs, 'the probe');
      await new Promise((done) => setTimeout(done, 30));
    },
    message: (thread, id) => double.world.messages.get(thread)!.get(id)!,
    async close() {
      await platform.stop();
      await double.stop();
    },
  };
}

export const overlay: Reply = {
  kind: 'overlay',
  text: '3 items',
  picture: { name: 'overlay.png', png, alt: 'A cat, a bowl and a table, numbered' },
  actions: [
    { label: 'Undo', say: 'undo' },
    { label: 'Again', say: 'again' },
  ],
  items: [
    { number: 1, name: 'cat' },
    { number: 2, name: 'bowl' },
    { number: 3, name: 'table' },
  ],
};
