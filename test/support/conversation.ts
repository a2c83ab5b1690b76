import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ChatEvent, EventHandler, Platform, PlatformName, Reply } from '../../src/bot/platform.js';
import { Dedit, type DeditOptions } from '../../src/app/dedit.js';
import type { Engine } from '../../src/engine/engine.js';
import { putDatabase } from './database.js';
import { FakeEngine } from './fakeEngine.js';

/** A platform that remembers what a person would see. */
export class RecordingPlatform implements Platform {
  readonly posts: { id: string; thread: string; reply: Reply; key: string }[] = [];
  handle: EventHandler = async () => {};
  /** Throws for a post when it returns an error. */
  fault: (reply: Reply) => Error | undefined = () => undefined;

  constructor(readonly name: PlatformName = 'web') {}

  async start(handle: EventHandler): Promise<void> {
    this.handle = handle;
  }
  async post(thread: string, reply: Reply, key: string): Promise<string> {
    const error = this.fault(reply);
    if (error) throw error;
    const id = randomUUID();
    if (reply.kind !== 'progress') this.posts.push({ id, thread, reply, key });
    return id;
  }
  async update(_thread: string, _message: string, _reply: Reply): Promise<void> {}
  readonly replaced: { message: string; reply: Reply }[] = [];
  /** Whether a message here can get another picture. */
  swaps = true;
  async replace(thread: string, message: string, reply: Reply, key: string): Promise<string> {
    if (!this.swaps) return await this.post(thread, reply, key);
    this.replaced.push({ message, reply });
    return message;
  }
  async stop(): Promise<void> {}

  in(thread: string): Reply[] {
    return this.posts.filter((post) => post.thread === thread).map(({ reply }) => reply);
  }
  last(thread: string) {
    return this.posts.filter((post) => post.thread === thread).at(-1)!;
  }
}

export const photo = async (width = 32, height = 24): Promise<Uint8Array> =>
  await sharp({ create: { width, height, channels: 3, background: { r: 90, g: 160, b: 60 } } })
    .png()
    .toBuffer();

/** A dedit of its own in a new folder, with a fake engine unless told otherwise. */
export async function openChat(
  options: Partial<DeditOptions> & { fake?: Engine; platform?: RecordingPlatform } = {},
) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'dedit-chat-'));
  if (!options.databaseUrl) await putDatabase(dataDir);
  const platform = options.platform ?? new RecordingPlatform();
  const engine = options.fake ?? new FakeEngine();
  const dedit = await Dedit.open({
    dataDir,
    checkpoints: ['pocket'],
    engine: () => engine,
    sync: false,
    ...options,
  });
  await dedit.serve([platform]);
  const origin = (thread: string, user: string) => ({
    id: randomUUID(),
    platform: platform.name,
    thread,
    user,
  });
  const chat = {
    dataDir,
    dedit,
    engine,
    platform,
    send: (event: ChatEvent) => platform.handle(event),
    upload: async (thread = 't', user = 'ann', picture?: Uint8Array) =>
      await platform.handle({ ...origin(thread, user), kind: 'upload', picture: picture ?? (await photo()) }),
    say: async (
      text: string,
      { thread = 't', user = 'ann', replyTo }: { thread?: string; user?: string; replyTo?: string } = {},
    ) =>
      await platform.handle({ ...origin(thread, user), kind: 'say', text, ...(replyTo ? { replyTo } : {}) }),
    react: async (emoji: string, message: string, thread = 't', user = 'ann') =>
      await platform.handle({ ...origin(thread, user), kind: 'react', emoji, message }),
    settled: (thread = 't') => dedit.settled(platform.name, thread),
    /** Says something and gives what is answered. */
    ask: async (text: string, more: { thread?: string; user?: string; replyTo?: string } = {}) => {
      const before = platform.in(more.thread ?? 't').length;
      await chat.say(text, more);
      await chat.settled(more.thread ?? 't');
      return platform.in(more.thread ?? 't').slice(before);
    },
    close: async () => {
      await dedit.close();
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return chat;
}
