import { expect } from 'vitest';
import type { ChatEvent, ShowItem } from '../../../src/bot/platform.js';
import type { SlackOptions } from '../../../src/bot/slack/platform.js';
import { SlackTown } from '../../support/slack.js';

/** The bot on an emulated Slack, and what it was told. */
export interface Stage {
  readonly town: SlackTown;
  readonly told: ChatEvent[];
  readonly log: { level: string; fields: object; text: string }[];
  /** Threads in which a picture is talked about, as the database would know. */
  readonly pictures: Set<string>;
  talked: (thread: string) => boolean;
  /** What an item looks like that is chosen from a menu. */
  showItem: ShowItem;
  /** Takes the next events; set it to fail or to wait. */
  handle: (event: ChatEvent) => Promise<void>;
  /** Waits for the next event of this kind. */
  next<K extends ChatEvent['kind']>(kind: K): Promise<ChatEvent & { kind: K }>;
  /** Nothing more is told. */
  quiet(): Promise<void>;
  reset(): void;
  close(): Promise<void>;
}

export async function stage(options: Partial<SlackOptions> & { socket?: boolean } = {}): Promise<Stage> {
  const log: Stage['log'] = [];
  const write = (level: string) => (fields: object, text: string) => void log.push({ level, fields, text });
  const town = await SlackTown.open({ logger: { warn: write('warn'), error: write('error') }, ...options });
  const told: ChatEvent[] = [];
  const s: Stage = {
    ...{ town, told, log, pictures: new Set() },
    talked: (thread) => s.pictures.has(thread),
    handle: async () => {},
    showItem: async () => undefined,
    async next(kind) {
      await expect.poll(() => told[0]?.kind, { timeout: 3000 }).toBe(kind);
      return told.shift() as never;
    },
    async quiet() {
      await new Promise((done) => setTimeout(done, 100));
      expect(told).toEqual([]);
    },
    reset() {
      told.length = 0;
      log.length = 0;
      town.proxy.calls.length = 0;
      town.proxy.mend();
      s.handle = async () => {};
      s.showItem = async () => undefined;
      s.talked = (thread) => s.pictures.has(thread);
    },
    async close() {
      await town.bot.stop();
      await town.close();
    },
  };
  await town.bot.start(
    async (event) => {
      told.push(event);
      if (event.kind === 'upload') s.pictures.add(event.thread);
      await s.handle(event);
    },
    async (thread) => s.talked(thread),
    (...what) => s.showItem(...what),
  );
  return s;
}
