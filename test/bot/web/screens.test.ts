import { type Browser, type BrowserContext, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { About } from '../../../src/bot/web/wire.js';
import { browserIsThere, openBrowser, violations } from '../../support/browser.js';
import { difference } from '../../support/screens.js';
import { openWeb } from '../../support/webChat.js';

const WAIT = { timeout: 30_000 };

/** A picture with a thing in each quarter, as the fake engine cuts it. */
const picture = (): Promise<Buffer> =>
  sharp({ create: { width: 160, height: 120, channels: 3, background: '#87a96b' } })
    .composite([
      {
        input: Buffer.from(
          '<svg width="160" height="120"><circle cx="120" cy="30" r="22" fill="#b5651d"/></svg>',
        ),
      },
      {
        input: Buffer.from(
          '<svg width="160" height="120"><circle cx="40" cy="90" r="18" fill="#d9381e"/></svg>',
        ),
      },
      {
        input: Buffer.from(
          '<svg width="160" height="120"><rect x="105" y="65" width="30" height="50" fill="#2e5339"/></svg>',
        ),
      },
    ])
    .png()
    .toBuffer();

/** What other rooms may change without changing a screen: the words of the help, the samples. */
const ABOUT: About = {
  checkpoints: ['pocket'],
  samples: ['scene.png', 'unicorn.png'],
  can: ['copy', 'cut out', 'rotate', 'flip', 'front', 'keep', 'crop', 'blur', 'pick'],
  help: [
    { title: 'Change an item', examples: ['replace 3 with a golden retriever', 'make 3 red', 'remove 3'] },
    { title: 'Change where it is', examples: ['move 3 left 40'] },
  ],
};
const steady = async (page: Page): Promise<Page> => {
  await page.route('**/api/about', (route) => route.fulfill({ json: ABOUT }));
  return page;
};

/** Every screen there is, in both schemes and on a telephone: nothing that axe-core objects to, and where it was. */
describe.skipIf(!browserIsThere())(
  'the screens of the page',
  () => {
    let web: Awaited<ReturnType<typeof openWeb>>;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    beforeAll(async () => {
      web = await openWeb({ web: { rate: [1000, 1000] } });
      browser = await openBrowser();
      context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' });
      page = await steady(await context.newPage());
      await page.goto(web.base);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await web?.close();
    });

    /** What is wrong with what is on the screen now. */
    const wrong = async (name: string, on = page): Promise<string[]> => {
      await on.mouse.move(0, 0);
      const found = [await difference(on, name), ...(await violations(on))];
      await on.emulateMedia({ colorScheme: 'dark' });
      found.push(...(await violations(on)).map((line) => `dark: ${line}`));
      await on.emulateMedia({ colorScheme: 'light' });
      return found.flatMap((line) => line ?? []);
    };
    const upload = async (on: Page): Promise<void> => {
      await on.setInputFiles('#file', { name: 'p.png', mimeType: 'image/png', buffer: await picture() });
      await on.waitForSelector('.badge', WAIT);
      await on.waitForSelector('#progress', { state: 'hidden', ...WAIT });
    };
    const say = async (text: string): Promise<void> => {
      await page.fill('#text', text);
      await page.press('#text', 'Enter');
    };
    const quiet = () => page.waitForSelector('#progress', { state: 'hidden', ...WAIT });
    const select = async (item: number, on = page): Promise<void> => {
      await on.focus(`.badge >> nth=${item - 1}`);
      await on.keyboard.press('Enter');
      await on.waitForSelector('.bar');
    };

    it('the first visit', async () => {
      await page.waitForFunction(() => document.querySelectorAll('.samples img').length > 0);
      await page.waitForLoadState('networkidle');
      expect(await wrong('first')).toEqual([]);
    });

    it('the question, an item with what can be done, more of it, words typed at it', async () => {
      await upload(page);
      expect(await wrong('question')).toEqual([]);
      await select(2);
      expect(await wrong('item')).toEqual([]);
      await page.click('.bar >> text=More');
      expect(await wrong('more')).toEqual([]);
      await page.click('.bar >> text=Replace…');
      await page.waitForSelector('#prompt:focus');
      expect(await wrong('prompt')).toEqual([]);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.keyboard.press('p');
      await page.keyboard.press('Shift+ArrowRight');
      expect(await wrong('pick')).toEqual([]);
      await page.keyboard.press('Escape');
      await select(2);
    });

    it('an outline', async () => {
      await page.click('.bar >> text=Outline');
      await page.waitForSelector('#mask.ready', WAIT);
      expect(await wrong('outline')).toEqual([]);
      await page.click('.outliner >> text=Close');
      await page.keyboard.press('Escape');
    });

    it('variants, a refusal, help', async () => {
      await say('replace 2 with a cat');
      await page.waitForSelector('article.result', WAIT);
      await quiet();
      await say('again 3');
      await page.waitForSelector('.tile >> nth=2', WAIT);
      await say('wibble 2');
      await page.waitForSelector('article.refusal', WAIT);
      await quiet();
      await page.waitForLoadState('networkidle');
      expect(await wrong('variants')).toEqual([]);
      await say('help');
      await page.waitForSelector('.help', WAIT);
      expect(await wrong('help')).toEqual([]);
    });

    it('work under way', async () => {
      web.engine.slow = 4000;
      web.engine.forming = await sharp({
        create: { width: 160, height: 120, channels: 3, background: '#123456' },
      })
        .png()
        .toBuffer();
      await say('make 1 red');
      // the picture forms inside the item and nowhere else
      const inside = await page.waitForSelector('.marks image[href^="data:image/"]', {
        ...{ state: 'attached', ...WAIT },
      });
      expect(await inside.getAttribute('clip-path')).toBe('url(#forming)');
      expect(await page.locator('.marks .working-on').count()).toBe(1);
      const href = (await inside.getAttribute('href'))!;
      const [r, g, b] = await sharp(Buffer.from(href.split(',')[1]!, 'base64'))
        .raw()
        .toBuffer();
      expect([r! - 0x12, g! - 0x34, b! - 0x56].every((off) => Math.abs(off) < 6)).toBe(true);
      expect(await violations(page)).toEqual([]);
      await page.click('#progress >> text=Cancel');
      await quiet();
      web.engine.slow = web.engine.forming = undefined;
    });

    it('downloads and sharing, what is shared, and the gallery', async () => {
      await page.click('#download');
      expect(await wrong('download')).toEqual([]);
      await page.click('[aria-label="Share and forget"]');
      await page.click('text=Make a link');
      const link = await page.inputValue('#share-link');
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.goto(link);
      await page.waitForSelector('.badge', WAIT);
      expect(await wrong('shared')).toEqual([]);
      await page.goto(web.base);
      await page.waitForSelector('#threads img');
      await page.waitForLoadState('networkidle');
      expect(await wrong('gallery')).toEqual([]);
    });

    it('on a telephone', async () => {
      const phone = await browser.newContext({
        ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'light' },
      });
      const tab = await steady(await phone.newPage());
      await tab.goto(web.base);
      await upload(tab);
      expect(await wrong('phone-question', tab)).toEqual([]);
      await select(2, tab);
      expect(await wrong('phone-item', tab)).toEqual([]);
      await tab.click('.bar >> text=More');
      expect(await wrong('phone-more', tab)).toEqual([]);
      const covered = await tab.evaluate(() => {
        const [bar, stage] = ['.bar', '#stage'].map((name) => document.querySelector(name)!.clientHeight);
        return bar! / stage!;
      });
      expect(covered).toBeLessThan(0.33);
      await tab.click('.bar >> text=Outline');
      await tab.waitForSelector('#mask.ready', WAIT);
      expect(await wrong('phone-outline', tab)).toEqual([]);
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(390);
      await phone.close();
    });
  },
  120_000,
);
