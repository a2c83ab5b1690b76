/** The same person on each of the platforms: attaches, says, reacts, and reads the screen. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { expect } from 'vitest';
import type { Dedit } from '../../src/app/dedit.js';
import { DiscordPlatform } from '../../src/bot/discord/platform.js';
import type { Platform, PlatformName } from '../../src/bot/platform.js';
import { escape } from '../../src/bot/slack/render.js';
import { TerminalPlatform } from '../../src/bot/terminal/platform.js';
import { WebPlatform } from '../../src/bot/web/platform.js';
import { options as discordOptions } from './discordStage.js';
import { DiscordDouble } from './discordDouble/index.js';
import { SlackTown } from './slack.js';
import { SECRET } from './webChat.js';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** On CI a missing browser is a failure, at home the other platforms still count. */
export const canPlay = (name: PlatformName): boolean =>
  name !== 'web' || existsSync(CHROMIUM) || Boolean(process.env.CI);

/** A person on one platform. */
export interface Person {
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

export const people: Record<PlatformName, (dedit: Dedit, dir: string) => Promise<Person>> = {
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
