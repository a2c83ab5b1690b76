import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { inlineKind, type Tty } from '../bot/terminal/inline.js';
import { TerminalPlatform } from '../bot/terminal/platform.js';
import { readConfig } from '../app/config.js';
import { Dedit } from '../app/dedit.js';
import { makeLogger, optionsOf } from '../app/service.js';
import { UserError } from '../engine/errors.js';

export interface ChatFlags {
  readonly image?: string;
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

/** Lines of a script or of the keyboard, one message each. */
export async function runChat(dedit: Dedit, flags: ChatFlags, dataDir: string): Promise<void> {
  const thread = threadOf(dataDir, flags.resume ?? false);
  const platform = new TerminalPlatform({
    thread,
    out: flags.out,
    json: flags.json ?? false,
    write: (text) => void process.stdout.write(text),
    inline: await inlineKind(process.env, terminal()),
  });
  await dedit.serve([platform]);
  try {
    if (flags.image) await platform.upload(readPicture(flags.image));
    if (flags.image && flags.script) await dedit.settled('terminal', thread);
    const lines = flags.script
      ? readScript(flags.script)
      : createInterface({ input: process.stdin, terminal: process.stdin.isTTY });
    if (!flags.script && process.stdin.isTTY)
      process.stdout.write(
        flags.image
          ? ''
          : 'Say "attach picture.png" to begin, "help" for what can be said, "quit" to leave.\n',
      );
    let started = Boolean(flags.image) || (flags.resume ?? false);
    for await (const line of lines) {
      const text = line.trim();
      if (text === '' || text.startsWith('#')) continue;
      if (/^(?:quit|exit)$/i.test(text)) break;
      if (flags.json) process.stdout.write(`${JSON.stringify({ event: 'said', text })}\n`);
      else if (flags.script) process.stdout.write(`> ${text}\n`);
      try {
        started = await tell(platform, text, started);
      } catch (error) {
        // a script stops at the first thing it cannot say; a person says it again
        if (flags.script || !(error instanceof UserError)) throw error;
        process.stdout.write(`${error.message}\n`);
        continue;
      }
      if (flags.script || !process.stdin.isTTY) await dedit.settled('terminal', thread);
    }
    await sleep(50);
    await dedit.settled('terminal', thread);
  } finally {
    await dedit.close();
  }
}

/** The terminal we write to and a person types into; undefined when either end is a file or a pipe. */
function terminal(): Tty | undefined {
  const { stdin: input, stdout: output } = process;
  return input.isTTY && output.isTTY ? { input, output } : undefined;
}

/** @returns whether the thread has a picture now */
async function tell(platform: TerminalPlatform, text: string, started: boolean): Promise<boolean> {
  const attach = /^attach (.+)$/i.exec(text)?.[1];
  if (attach) {
    const { path, words } = attachment(attach);
    if (started) await platform.say(words, readPicture(path));
    else await platform.upload(readPicture(path));
    return true;
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
