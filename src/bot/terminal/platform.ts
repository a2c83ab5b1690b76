import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ChatEvent, type EventHandler, type Platform, PostRefused, type Reply } from '../platform.js';
import { type InlineKind, inlinePicture } from './inline.js';

export interface TerminalOptions {
  readonly thread: string;
  /** Every picture sent lands here as NNN-<kind>.png. */
  readonly out: string;
  /** One event a line, for programs. */
  readonly json: boolean;
  readonly write: (text: string) => void;
  readonly inline: InlineKind;
  /** Where how far the work is can be shown in place; lines otherwise. */
  readonly progress?: (text: string) => void;
}

/** Who sits at this terminal. */
export const USER = 'you';

/** The conversation in a terminal: words in, words and files out. */
export class TerminalPlatform implements Platform {
  readonly name = 'terminal' as const;
  #handle: EventHandler = async () => {};
  #count: number;
  /** The last message with a picture: what a reaction is on. */
  #lastPicture: string | undefined;

  constructor(private readonly options: TerminalOptions) {
    mkdirSync(options.out, { recursive: true });
    // a resumed chat goes on counting
    this.#count = Math.max(
      0,
      ...readdirSync(options.out).map((name) => Number(/^(\d{3,})-/.exec(name)?.[1] ?? 0)),
    );
  }

  async start(handle: EventHandler): Promise<void> {
    this.#handle = handle;
  }

  async stop(): Promise<void> {}

  async upload(
    picture: Uint8Array,
    more: Pick<ChatEvent & { kind: 'upload' }, 'references' | 'items' | 'text'> = {},
  ): Promise<void> {
    await this.#handle({ ...this.#origin(), kind: 'upload', picture, ...more });
  }

  async say(text: string, attachment?: Uint8Array): Promise<void> {
    await this.#handle({ ...this.#origin(), kind: 'say', text, ...(attachment ? { attachment } : {}) });
  }

  /** @returns false when there is no picture to react to */
  async react(emoji: string): Promise<boolean> {
    if (!this.#lastPicture) return false;
    await this.#handle({ ...this.#origin(), kind: 'react', emoji, message: this.#lastPicture });
    return true;
  }

  #origin() {
    return { id: randomUUID(), platform: this.name, thread: this.options.thread, user: USER };
  }

  async post(thread: string, reply: Reply): Promise<string> {
    // what an earlier chat still had to say is not said into this one
    if (thread !== this.options.thread) throw new PostRefused('that chat is over');
    const id = randomUUID();
    if (reply.kind === 'progress' || reply.kind === 'preview') {
      await this.update(thread, id, reply);
      return id;
    }
    const files: string[] = [];
    if (reply.picture) {
      files.push(this.#save(`${kindOf(reply)}.png`, reply.picture.png));
      this.#lastPicture = id;
    }
    for (const { name, bytes } of reply.files ?? []) files.push(this.#save(basename(name), bytes));
    const { write, json, inline } = this.options;
    if (json) {
      const { text, link } = reply;
      write(
        `${JSON.stringify({ event: 'reply', kind: kindOf(reply), text, files, ...(link ? { link: link.url } : {}) })}\n`,
      );
      return id;
    }
    const lines = [
      printable(reply.text),
      ...(reply.link ? [`${reply.link.label}: ${reply.link.url}`] : []),
      ...files.map((f) => `  ${f}`),
    ];
    write(`${lines.join('\n')}\n`);
    if (reply.picture && inline !== 'none') write(await inlinePicture(inline, reply.picture.png));
    return id;
  }

  async update(thread: string, _message: string, reply: Reply): Promise<void> {
    if (thread !== this.options.thread) return;
    const { write, json, progress } = this.options;
    const over = reply.progress?.over ?? false;
    if (json) write(`${JSON.stringify({ event: 'progress', text: reply.text, ...reply.progress })}\n`);
    else if (progress) progress(over ? '' : printable(reply.text));
    else write(`${printable(reply.text)}\n`);
  }

  #save(name: string, bytes: Uint8Array): string {
    this.#count++;
    const path = join(this.options.out, `${String(this.#count).padStart(3, '0')}-${name}`);
    writeFileSync(path, bytes);
    return path;
  }
}

/** A finer picture is told from the first one. */
const kindOf = ({ kind, replaces }: Reply): string => (replaces ? 'refined' : kind);

/** Control characters in a name or prompt must not steer the terminal. */
// eslint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '');
