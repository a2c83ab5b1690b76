import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photo } from '../../support/conversation.js';
import { openWeb } from '../../support/webChat.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
// on CI a missing browser is a failure, at home the rest of the tests still counts
const there = existsSync(CHROMIUM) || Boolean(process.env.CI);
if (!there) console.warn(`skipped: no browser at ${CHROMIUM} (apt-get install chromium, or set CHROMIUM)`);

describe.skipIf(!there)(
  'the page in a browser',
  () => {
    let web: Awaited<ReturnType<typeof openWeb>>;
    let browser: Browser;
    let page: Page;
    const errors: string[] = [];

    beforeAll(async () => {
      web = await openWeb();
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      page = await browser.newPage();
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(web.base);
      await page.setInputFiles('#file', {
        name: 'p.png',
        mimeType: 'image/png',
        buffer: Buffer.from(await photo(64, 48)),
      });
      await page.waitForSelector('article.overlay');
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await web?.close();
    });

    const say = async (text: string): Promise<void> => {
      await page.fill('#text', text);
      await page.press('#text', 'Enter');
    };

    it('shows the items and marks the one under the pointer', async () => {
      expect(await page.locator('.item').allTextContents()).toEqual(['1 grass', '2 dog', '3 ball', '4 tree']);
      await page.waitForTimeout(200); // the label map arrives after the overlay
      const box = (await page.locator('#shown').boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.25);
      expect(await page.locator('#highlight').getAttribute('data-item')).toBe('1');
      const inside = await page.locator('#highlight').evaluate((canvas: HTMLCanvasElement) => {
        const at = (x: number, y: number) => canvas.getContext('2d')!.getImageData(x, y, 1, 1).data[3];
        return [at(48, 12), at(16, 12)];
      });
      expect(inside[0]).toBeGreaterThan(0);
      expect(inside[1]).toBe(0);
    });

    it('edits by words, and by the item buttons as reactions', async () => {
      await say('replace 2 with a cat');
      await page.waitForSelector('article.result');
      await page.waitForFunction(() => document.querySelector('#items')?.textContent?.includes('2 cat'));
      await page.click('[aria-label="Remove 3, ball"]');
      await page.waitForFunction(() => document.querySelectorAll('article.result').length === 2);
      expect(await page.locator('article.mine').allTextContents()).toEqual(['replace 2 with a cat']);
    });

    it('compares with a slider that keys move', async () => {
      await say('compare');
      await page.waitForSelector('article.compare');
      await page.waitForSelector('#slider', { state: 'visible' });
      await page.focus('#slider');
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
      expect(await page.locator('#before').evaluate((e) => e.style.getPropertyValue('--cut'))).toBe('55%');
    });

    it('goes on from an older picture of the tree', async () => {
      await page.click('#tree summary');
      await page.click('#history >> text=0: upload');
      expect(await page.locator('#answering').isVisible()).toBe(true);
      await say('remove 4');
      await page.waitForFunction(() =>
        document.querySelector('#history')?.textContent?.includes('3: remove 4'),
      );
      expect(await page.locator('#history ul li').count()).toBeGreaterThan(1);
    });

    it('says what was not understood', async () => {
      await say('wibble');
      await page.waitForSelector('article.refusal');
      expect(await page.locator('article.refusal').last().textContent()).toContain('say for example');
    });

    it('is the same after a reload', async () => {
      const before = await page.locator('article.result').count();
      await page.reload();
      await page.waitForSelector('article.result');
      expect(await page.locator('article.result').count()).toBe(before);
    });

    it('names every control for people who do not see it', async () => {
      const nameless = await page.locator('button, input, a').evaluateAll((all) =>
        all
          .filter((e) => {
            const field = e as HTMLInputElement;
            return !(
              e.textContent?.trim() ||
              e.getAttribute('aria-label') ||
              field.labels?.length ||
              e.querySelector('img[alt]')
            );
          })
          .map((e) => e.outerHTML),
      );
      expect(nameless).toEqual([]);
      expect(await page.locator('img:not([alt])').count()).toBe(0);
    });

    it('the mask editor gives the item the outline that is drawn', async () => {
      await say('reshape 2');
      const href = await page.locator('article a', { hasText: 'mask editor' }).last().getAttribute('href');
      const editor = await browser.newPage();
      await editor.goto(href!);
      await editor.waitForSelector('#mask.ready');
      const painted = () =>
        editor.locator('#mask').evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((_, i) => i % 4 === 3).reduce((n, a) => n + (a > 127 ? 1 : 0), 0);
        });
      const before = await painted();
      const box = (await editor.locator('#mask').boundingBox())!;
      await editor.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.8);
      await editor.mouse.down();
      await editor.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.8, { steps: 4 });
      await editor.mouse.up();
      const drawn = await painted();
      expect(drawn).toBeGreaterThan(before);
      await editor.keyboard.press('Control+z');
      expect(await painted()).toBe(before);
      await editor.keyboard.press('Control+Shift+z');
      expect(await painted()).toBe(drawn);
      await editor.click('#done');
      await editor.waitForFunction(() => document.querySelector('#answer')?.textContent?.startsWith('Sent'));
      await page.waitForFunction(() => document.querySelector('#log')?.textContent?.includes('4: reshape 2'));
      const revision = await web.dedit.sessions.prisma.revision.findFirstOrThrow({
        where: { say: 'reshape 2' },
      });
      const edit = await web.dedit.sessions.editOf(revision);
      if (edit.kind !== 'reshape') throw new Error(edit.kind);
      expect(edit.mask.data.reduce((n, v) => n + v, 0)).toBe(drawn);
    });

    it('logs no error', () => {
      expect(errors).toEqual([]);
    });
  },
  60_000,
);
