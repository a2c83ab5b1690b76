import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { inlineKind, type Tty } from '../bot/terminal/inline.js';
import { TerminalPlatform, USER } from '../bot/terminal/platform.js';
import { Screen } from '../bot/terminal/screen.js';
import { helpText } from '../commands/index.js';
import { readConfig } from '../app/config.js';
import { Dedit } from '../app/dedit.js';
import { makeLogger, optionsOf } from '../app/service.js';
import { UserError } from '../engine/errors.js';

/** Two Ctrl+C within so many ms leave. */
const TWICE = 10_000;
/** So many earlier chats may have left something. */
const EARLIER = 50;

export interface ChatFlags {
  readonly image?: string;
  readonly items?: string;
  readonly script?: string;
  readonly out: string;
  readonly json?: boolean;
  readonly resume?: boolean;
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

/** Lines of a script, of a pipe or of the keyboard, one message each. */
export async function runChat(dedit: Dedit, flags: ChatFlags, dataDir: string): Promise<void> {
  const thread = threadOf(dataDir, flags.resume ?? false);
  const tty = flags.script ? undefined : terminal();
  const inline = await inlineKind(process.env, terminal());
  const told = new Told(join(dataDir, 'terminal-history'));
  const screen = tty && new Screen({ ...tty, history: told.read(), onInterrupt: () => interrupted() });
  const write = (text: string) => (screen ? screen.write(text) : void process.stdout.write(text));
  const platform = new TerminalPlatform({
    ...{ thread, out: flags.out, json: flags.json ?? false, write, inline },
    ...(screen ? { progress: (text) => screen.progress(text) } : {}),
  });
  const settled = () => dedit.settled('terminal', thread);
  const stop = screen && new Interrupts(screen, platform, async () => !(await busy(dedit, thread)));
  const interrupted = () => void stop?.heard();
  await dedit.serve([platform]);
  try {
    await leaveOthers(dedit, thread);
    const started = await begin(platform, flags, dedit, thread);
    if (flags.image && flags.script) await settled();
    if (screen && !started)
      write('Say "attach picture.png" to begin, "help" for what can be said, "quit" to leave.\n');
    const lines = flags.script
      ? readScript(flags.script)
      : screen && stop
        ? stop.between(screen.typed())
        : createInterface({ input: process.stdin });
    await converse(lines, { platform, flags, write, started, ...(screen ? {} : { settled }) });
    // a person who leaves does not wait for what goes on with --resume
    if (screen) return;
    await sleep(50);
    await settled();
  } finally {
    if (screen) told.write(screen.history);
    screen?.close();
    await dedit.close();
  }
}

interface Conversing {
  readonly platform: TerminalPlatform;
  readonly flags: ChatFlags;
  readonly write: (text: string) => void;
  readonly started: boolean;
  /** Waited for after each message, where nobody sees what comes. */
  readonly settled?: () => Promise<void>;
}

async function converse(
  lines: Iterable<string> | AsyncIterable<string>,
  { platform, flags, write, started, settled }: Conversing,
): Promise<void> {
  let hasPicture = started;
  /** References that travel with the picture to come. */
  const waiting: Uint8Array[] = [];
  for await (const line of lines) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    if (/^(?:quit|exit)$/i.test(text)) return;
    if (flags.json) write(`${JSON.stringify({ event: 'said', text })}\n`);
    else if (flags.script) write(`> ${text}\n`);
    try {
      if (!hasPicture && /^(?:help|\?)$/i.test(text)) write(`${helpText()}\n`);
      else hasPicture = await tell(platform, text, hasPicture, waiting);
    } catch (error) {
      // a script stops at the first thing it cannot say; a person says it again
      if (flags.script || !(error instanceof UserError)) throw error;
      write(`${error.message}\n`);
      continue;
    }
    await settled?.();
  }
}

/** Sends the picture to begin with, or shows where an earlier chat stands. @returns whether there is a picture */
async function begin(
  platform: TerminalPlatform,
  { image, items, resume }: ChatFlags,
  dedit: Dedit,
  thread: string,
): Promise<boolean> {
  if (image) {
    await platform.upload(readPicture(image), items === undefined ? {} : { items });
    return true;
  }
  if (!resume) return false;
  if (!(await dedit.sessions.views.inThread('terminal', thread)))
    throw new UserError('the picture of that chat is gone: leave out --resume');
  await platform.say('show');
  if (await busy(dedit, thread)) await platform.say('status');
  return true;
}

const busy = async (dedit: Dedit, thread: string): Promise<boolean> =>
  !(await dedit.sessions.views.isSettled('terminal', thread));

/** What earlier chats still wanted is not worked on, nor told, before this one. */
async function leaveOthers(dedit: Dedit, thread: string): Promise<void> {
  const earlier = await dedit.sessions.views.threadsOf('terminal', USER, EARLIER);
  for (const { thread: other } of earlier)
    if (other !== thread && (await busy(dedit, other)))
      await dedit.conversation.handle({
        ...{ kind: 'say', id: randomUUID(), platform: 'terminal', thread: other, user: USER, text: 'cancel' },
      });
}

/** Ctrl+C: what is half typed goes first, then what runs, then we. */
class Interrupts {
  #last = 0;

  constructor(
    private readonly screen: Screen,
    private readonly platform: TerminalPlatform,
    private readonly idle: () => Promise<boolean>,
  ) {}

  /** What is typed, in between: two Ctrl+C with words between them cancel two things. */
  async *between(lines: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const line of lines) {
      this.#last = 0;
      yield line;
    }
  }

  async heard(): Promise<void> {
    if (this.screen.discard()) return;
    const now = Date.now();
    if (now - this.#last < TWICE) return this.screen.close();
    this.#last = now;
    if (await this.idle()) return this.screen.write('Nothing runs. Ctrl+C again leaves.\n');
    this.screen.write('Ctrl+C again leaves.\n');
    await this.platform.say('cancel');
  }
}

/** What was typed in earlier chats, for the arrow keys; as private as the pictures. */
class Told {
  constructor(private readonly path: string) {}

  read(): string[] {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8').split('\n').filter(Boolean) : [];
  }

  write(lines: readonly string[]): void {
    writeFileSync(this.path, lines.join('\n'), { mode: 0o600 });
  }
}

/** The terminal we write to and a person types into; undefined when either end is a file or a pipe. */
function terminal(): Tty | undefined {
  const { stdin: input, stdout: output } = process;
  return input.isTTY && output.isTTY ? { input, output } : undefined;
}

/** @returns whether the thread has a picture now */
async function tell(
  platform: TerminalPlatform,
  text: string,
  started: boolean,
  waiting: Uint8Array[],
): Promise<boolean> {
  const attach = /^attach (.+)$/i.exec(text)?.[1];
  if (attach) {
    const { path, words } = attachment(attach);
    if (started) await platform.say(words, readPicture(path));
    else await platform.upload(readPicture(path), { references: waiting.splice(0), text: words });
    return true;
  }
  const reference = /^reference (.+)$/i.exec(text)?.[1];
  if (reference) {
    const { path, words } = attachment(reference);
    const picture = readPicture(path);
    if (started) await platform.say(words, picture);
    else waiting.push(picture);
    return started;
  }
  if (!started) throw new UserError('send a picture first: say "attach picture.png"');
  const emoji = /^react (\S+)$/i.exec(text)?.[1];
  if (!emoji) await platform.say(text);
  else if (!(await platform.react(emoji))) throw new UserError('there is no picture yet to react to');
  return true;
}

/** `attach FILE`, or `attach FILE words` where the words go with it; quotes around a name with spaces. */
function attachment(rest: string): { path: string; words: string } {
  if (existsSync(rest)) return { path: rest, words: '' };
  const [, quoted, plain, words = ''] = /^(?:"([^"]+)"|(\S+))(?: (.*))?$/.exec(rest) ?? [];
  return { path: quoted ?? plain ?? rest, words };
}

function readPicture(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new UserError(`cannot read ${path}: name a picture that is there`);
  }
}

function readScript(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/);
  } catch {
    throw new UserError(`cannot read ${path}: name a script with one message a line`);
  }
}

/** Every chat is a thread of its own; --resume goes on with the last one. */
function threadOf(dataDir: string, resume: boolean): string {
  const path = join(dataDir, 'terminal-thread');
  if (resume) {
    if (!existsSync(path)) throw new UserError('there is no chat to go on with: leave out --resume');
    return readFileSync(path, 'utf8');
  }
  const thread = randomUUID();
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, thread);
  return thread;
}
