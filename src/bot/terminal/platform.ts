import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EventHandler, Platform, Reply } from '../platform.js';
import { type InlineKind, inlinePicture } from './inline.js';

export interface TerminalOptions {
  readonly thread: string;
  /** Every picture sent lands here as NNN-<kind>.png. */
  readonly out: string;
  /** One event a line, for programs. */
  readonly json: boolean;
  readonly write: (text: string) => void;
  readonly inline: InlineKind;
}

const USER = 'you';

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

  async upload(picture: Uint8Array): Promise<void> {
    await this.#handle({ ...this.#origin(), kind: 'upload', picture });
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
    const id = randomUUID();
    if (reply.kind === 'progress' || reply.kind === 'preview') {
      await this.update(thread, id, reply);
      return id;
    }
    const files: string[] = [];
    if (reply.picture) {
      files.push(this.#save(`${reply.kind}.png`, reply.picture.png));
      this.#lastPicture = id;
    }
    for (const { name, bytes } of reply.files ?? []) files.push(this.#save(basename(name), bytes));
    const { write, json, inline } = this.options;
    if (json) {
      const { kind, text, link } = reply;
      write(
        `${JSON.stringify({ event: 'reply', kind, text, files, ...(link ? { link: link.url } : {}) })}\n`,
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

  async update(_thread: string, _message: string, reply: Reply): Promise<void> {
    const { write, json } = this.options;
    if (json) write(`${JSON.stringify({ event: 'progress', text: reply.text })}\n`);
    else if (process.stdout.isTTY)
      write(`\r\u001B[K${printable(reply.text)}${reply.text.includes('done') ? '\n' : ''}`);
    else write(`${printable(reply.text)}\n`);
  }

  #save(name: string, bytes: Uint8Array): string {
    this.#count++;
    const path = join(this.options.out, `${String(this.#count).padStart(3, '0')}-${name}`);
    writeFileSync(path, bytes);
    return path;
  }
}

/** Control characters in a name or prompt must not steer the terminal. */
// eslint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '');
