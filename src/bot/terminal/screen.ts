import { createInterface, type Interface } from 'node:readline';
import type { Tty } from './inline.js';

const PROMPT = '> ';
const HISTORY = 500;

export interface ScreenOptions extends Tty {
  /** What was typed before, the newest first. */
  readonly history?: readonly string[];
  /** Ctrl+C. */
  readonly onInterrupt: () => void;
}

/**
 * A terminal that somebody types into while things are said on it: what arrives is written above the line being
 * typed, which stays as it is; how far the work is stands before it. Editing and history are readline's.
 */
export class Screen {
  readonly #lines: Interface;
  readonly #output: NodeJS.WriteStream;
  #closed = false;
  #progress = '';
  history: readonly string[];

  constructor({ input, output, history = [], onInterrupt }: ScreenOptions) {
    this.#output = output;
    this.history = history;
    this.#lines = createInterface({
      ...{ input, output, terminal: true, prompt: PROMPT },
      ...{ history: [...history], historySize: HISTORY, removeHistoryDuplicates: true },
    });
    this.#lines.on('history', (typed) => (this.history = typed));
    this.#lines.on('SIGINT', onInterrupt);
    this.#lines.on('close', () => (this.#closed = true));
  }

  /** Whole lines, above the one being typed. */
  write(text: string): void {
    if (this.#closed) return void this.#output.write(text);
    this.#clear();
    this.#output.write(text);
    this.#lines.prompt(true);
  }

  /** How far the work is; nothing when it is over. */
  progress(text: string): void {
    if (this.#closed || text === this.#progress) return;
    this.#clear();
    this.#progress = text;
    this.#lines.setPrompt(text ? `[${text}] ${PROMPT}` : PROMPT);
    this.#lines.prompt(true);
  }

  /** What is typed, a line each, until Ctrl+D or `close`. */
  async *typed(): AsyncGenerator<string> {
    this.#lines.prompt(true);
    for await (const line of this.#lines) {
      yield line;
      this.#lines.prompt(true);
    }
  }

  /** Gives up what is half typed. @returns whether there was any */
  discard(): boolean {
    if (this.#lines.line === '') return false;
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    return true;
  }

  close(): void {
    if (!this.#closed) this.#lines.close();
  }

  /** The line being typed may have been broken over several rows of the screen. */
  #clear(): void {
    const { rows } = this.#lines.getCursorPos();
    this.#output.write(`${rows > 0 ? `\u001B[${rows}A` : ''}\r\u001B[J`);
  }
}
