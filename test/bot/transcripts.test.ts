/** The same conversations through every adapter: the same rows, the same pictures, the same words on the screen. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiscordPlatform } from '../../src/bot/discord/platform.js';
import type { Platform, PlatformName } from '../../src/bot/platform.js';
import { TerminalPlatform } from '../../src/bot/terminal/platform.js';
import { escape } from '../../src/bot/slack/render.js';
import { WebPlatform } from '../../src/bot/web/platform.js';
import { Dedit } from '../../src/app/dedit.js';
import type { Session } from '../../src/sessions/sessions.js';
import { photo } from '../support/conversation.js';
import { putDatabase } from '../support/database.js';
import { DiscordDouble } from '../support/discordDouble/index.js';
import { FakeEngine } from '../support/fakeEngine.js';
import { SlackTown } from '../support/slack.js';
import { SECRET } from '../support/webChat.js';
import { options as discordOptions } from './discord/setup.js';

const FOLDER = 'test/transcripts';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** A person on one platform. */
interface Person {
  readonly platform: Platform;
  /** A new conversation; says where. */
  attach(picture: Uint8Array, items?: string): Promise<void>;
  /** Another picture in the conversation. */
  reference(picture: Uint8Array): Promise<void>;
  say(text: string): Promise<void>;
  react(emoji: string): Promise<void>;
  /** All words on the screen. */
  seen(): Promise<string>;
  close(): Promise<void>;
}

const people: Record<PlatformName, (dedit: Dedit, dir: string) => Promise<Person>> = {
  async terminal(_dedit, dir) {
    let screen = '';
    const platform = new TerminalPlatform({
      thread: 'one',
      out: dir,
      json: false,
      inline: 'none',
      write: (text) => void (screen += text),
    });
    return {
      platform,
      // as a script says it: words go with the file
      attach: (picture, items) => platform.upload(picture, items ? { text: `items: ${items}` } : {}),
      reference: (picture) => platform.say('', picture),
      say: (text) => platform.say(text),
      react: async (emoji) => void (await platform.react(emoji)),
      seen: async () => screen,
      close: async () => {},
    };
  },
  async web(dedit) {
    const platform = new WebPlatform({
      ...{ host: '127.0.0.1', port: 0, secret: SECRET, rate: [1000, 1000] as const },
      sessions: dedit.sessions,
      replies: dedit.replies,
    });
    let browser: Browser | undefined;
    let page!: Awaited<ReturnType<Browser['newPage']>>;
    return {
      platform,
      attach: async (picture, items = '') => {
        if (!browser) {
          browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
          page = await browser.newPage();
          // the page asks before it forgets
          page.on('dialog', (dialog) => void dialog.accept());
        }
        await page.goto(`http://127.0.0.1:${platform.port}/`);
        await page.waitForSelector('#file, #new');
        if (await page.locator('#talk').isVisible()) await page.click('#new');
        await page.fill('#items', items);
        await page.setInputFiles('#file', {
          name: 'p.png',
          mimeType: 'image/png',
          buffer: Buffer.from(picture),
        });
      },
      reference: async (picture) =>
        await page.setInputFiles('#reference', {
          ...{ name: 'b.png', mimeType: 'image/png' },
          buffer: Buffer.from(picture),
        }),
      say: async (text) => {
        await page.fill('#text', text);
        await page.press('#text', 'Enter');
      },
      react: async (emoji) => {
        // the page has buttons that say words; its server takes reactions all the same
        await page.evaluate(async (reacted) => {
          const thread = `/api/threads/${location.hash.slice(1)}`;
          const { replies } = (await (await fetch(thread)).json()) as {
            replies: { id: string; picture?: object }[];
          };
          const message = replies.findLast(({ picture }) => picture)!.id;
          await fetch(`${thread}/messages`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ emoji: reacted, message }),
          });
        }, emoji);
      },
      // the pictures of a strip are tiles, whose words are read out
      seen: async () =>
        [
          // once a thread is forgotten there is none, and nothing is waited for
          ...(await page.locator('#log').allTextContents()),
          ...(await page.locator('.strip').evaluateAll((all) => all.map((one) => one.ariaLabel))),
        ].join('\n'),
      close: async () => void (await browser?.close()),
    };
  },
  async slack() {
    const town = await SlackTown.open();
    let thread = '';
    const tell = async (event: object): Promise<string> => {
      const { ts } = await town.client.chat.postMessage({ channel: town.channel, text: 'as a person' });
      await town.event({ type: 'message', channel: town.channel, ts, user: 'U-ann', ...event });
      return ts!;
    };
    return {
      platform: town.bot,
      attach: async (picture, items) => {
        const files = [await town.file(picture)];
        const text = `<@${town.self}>${items ? ` items: ${items}` : ''}`;
        thread = `${town.channel}:${await tell({ type: 'app_mention', text, files })}`;
      },
      reference: async (picture) => {
        const files = [await town.file(picture)];
        await tell({ thread_ts: thread.split(':')[1], text: '', files });
      },
      say: async (text) => void (await tell({ thread_ts: thread.split(':')[1], text: escape(text) })),
      react: async (emoji) => {
        const shown = (await town.thread(thread)).filter(({ hasFile }) => hasFile).at(-1)!;
        const names: Record<string, string> = {
          '3️⃣': 'three',
          '🔁': 'repeat',
          '↩️': 'leftwards_arrow_with_hook',
          '🗑️': 'wastebasket',
        };
        const item = { type: 'message', channel: town.channel, ts: shown.ts };
        await town.event({ type: 'reaction_added', user: 'U-ann', reaction: names[emoji], item });
      },
      seen: async () =>
        (await town.thread(thread))
          .map(({ raw }) => raw)
          .join('\n')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&amp;', '&')
          .replaceAll('\\"', '"'),
      close: () => town.close(),
    };
  },
  async discord() {
    const double = await DiscordDouble.start();
    const ann = double.person('ann');
    const threads = () => double.threads().map(({ id }) => id);
    const here = () => threads().at(-1)!;
    return {
      platform: new DiscordPlatform(discordOptions(double, [])),
      attach: async (picture, items) => {
        const before = threads().length;
        double.uploadSlash(ann, Buffer.from(picture), items ? { items } : {});
        await double.until(() => threads().length > before, 'a thread');
      },
      reference: async (picture) => void double.say(ann, here(), '', { files: [Buffer.from(picture)] }),
      say: async (text) => void double.say(ann, here(), text),
      react: async (emoji) => {
        const pictures = double.seen(here(), ann).filter((message) => message.attachments.length > 0);
        double.react(ann, pictures.at(-1)!, emoji);
      },
      seen: async () =>
        double
          .seen(here(), ann)
          .map((message) => JSON.stringify(message))
          .join('\n')
          .replace(/\\+(?=[^\w\s])/g, ''),
      close: async () => {
        expect(double.problems()).toEqual([]);
        await double.stop();
      },
    };
  },
};

/** "kind: beginning of the text" of everything the bot said in the thread so far. */
async function told(dedit: Dedit, session: Session): Promise<string[]> {
  const posts = await dedit.sessions.prisma.post.findMany({
    where: { sessionId: session.id },
    orderBy: { order: 'asc' },
  });
  const replies = await Promise.all(posts.map((post) => dedit.replies.of({ ...post, session })));
  // what people said themselves, where the platform keeps it, is no answer
  const answers = replies.filter(({ kind }) => kind !== 'said');
  return answers.map(({ kind, text }) => `${kind}: ${text.replace(/^[→ ]+/, '')}`);
}

/** What every platform must leave behind alike. */
const left = new Map<string, unknown>();

describe.each(Object.keys(people) as (keyof typeof people)[])('%s', (name) => {
  if (name === 'web' && !existsSync(CHROMIUM) && !process.env.CI) {
    it.skip(`no browser at ${CHROMIUM}: apt-get install chromium`, () => {});
    return;
  }
  let dir: string;
  let dedit: Dedit;
  let person: Person;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'dedit-transcripts-'));
    await putDatabase(dir);
    dedit = await Dedit.open({
      ...{ dataDir: dir, sync: false },
      checkpoints: ['pocket'],
      engine: () => new FakeEngine(),
      maskLink: (session, item) => `http://localhost/mask/${session}.${item}`,
    });
    person = await people[name](dedit, join(dir, 'out'));
    await dedit.serve([person.platform]);
  }, 60_000);
  afterAll(async () => {
    await dedit?.close();
    await person?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each(readdirSync(FOLDER))(
    '%s',
    async (file) => {
      const { prisma } = dedit.sessions;
      let session: Session | undefined;
      let heard = 0;
      const expected: string[] = [];
      const check = async (): Promise<void> => {
        if (!session) return;
        await dedit.settled(name, session.thread);
        const all = await told(dedit, session);
        expect(all.slice(heard).map((line, i) => line.slice(0, expected[i]?.length ?? Infinity))).toEqual(
          expected,
        );
        await expect
          .poll(
            async () => {
              const screen = await person.seen();
              return expected.filter((line) => !screen.includes(line.slice(line.indexOf(': ') + 2)));
            },
            { timeout: 5000 },
          )
          .toEqual([]);
        heard = all.length;
        expected.length = 0;
      };
      for (const line of readFileSync(join(FOLDER, file), 'utf8').split('\n')) {
        if (line === '' || line.startsWith('#')) continue;
        if (!line.startsWith('> ')) {
          expected.push(line);
          continue;
        }
        await check();
        const said = line.slice(2);
        const before = await prisma.event.count();
        const emoji = /^react (.+)$/.exec(said)?.[1];
        const [attached, items] = /^attach(?: items: (.+))?$/.exec(said) ?? [];
        if (attached) await person.attach(await photo(64, 48), items);
        else if (said === 'reference') await person.reference(await photo(48, 48));
        else if (emoji) await person.react(emoji);
        else await person.say(said);
        await expect.poll(() => prisma.event.count(), { timeout: 8000 }).toBe(before + 1);
        if (attached)
          session = await prisma.session.findFirstOrThrow({
            where: { platform: name },
            orderBy: { createdAt: 'desc' },
          });
      }
      await check();
      const revisions = await prisma.revision.findMany({
        where: { sessionId: session!.id },
        orderBy: { number: 'asc' },
      });
      const rows = revisions.map(({ number, say, edit, options, status, items, stripId }) => ({
        ...{ number, say, edit, options, status, items, strip: stripId !== null },
      }));
      const pictures = await Promise.all(
        // what could not be done has no picture
        revisions.map(
          async ({ pictureKey }) =>
            pictureKey && Buffer.from(await dedit.sessions.blobs.get(pictureKey)).toString('base64'),
        ),
      );
      const state = { rows, pictures };
      if (left.has(file)) expect(state).toEqual(left.get(file));
      else left.set(file, state);
    },
    60_000,
  );
});
