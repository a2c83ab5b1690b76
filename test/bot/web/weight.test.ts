import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { browserIsThere, countBytes, openBrowser } from '../../support/browser.js';
import { openWeb } from '../../support/webChat.js';

const KB = 1000;

/** As large and as busy as a photograph: smooth shapes under film grain. */
async function photograph(): Promise<Buffer> {
  const [width, height] = [1536, 1024];
  const data = Buffer.alloc(3 * width * height);
  let seed = 7;
  for (let i = 0; i < data.length; i++) {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    data[i] = 128 + 90 * Math.sin(x / 90 + (i % 3)) * Math.cos(y / 70) + ((seed >> 16) % 13) - 6;
  }
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

describe.skipIf(!browserIsThere())(
  'what the page weighs',
  () => {
    let web: Awaited<ReturnType<typeof openWeb>>;
    let browser: Browser;
    beforeAll(async () => {
      web = await openWeb({ web: { rate: [1000, 1000] } });
      browser = await openBrowser();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await web?.close();
    });

    it('is at most 200 KB the first time, scripts at most 120 KB, and at once there to be used', async () => {
      const page = await browser.newPage();
      const bytes = await countBytes(page);
      await page.goto(web.base);
      await page.waitForSelector('.samples img');
      await page.waitForLoadState('networkidle');
      const ready = await page.evaluate(() => {
        const [timing] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
        const script = performance
          .getEntriesByType('resource')
          .find(({ name }) => name.endsWith('page.js')) as PerformanceResourceTiming;
        return { loaded: timing!.loadEventEnd, script: script.encodedBodySize };
      });
      console.log(`first load ${bytes()} bytes, script ${ready.script} bytes, loaded in ${ready.loaded} ms`);
      expect(bytes()).toBeLessThan(200 * KB);
      expect(ready.script).toBeLessThan(120 * KB);
      const served = await page.evaluate(async () => {
        const [script] = document.querySelectorAll('script');
        const { headers } = await fetch(script!.src);
        return [headers.get('content-encoding'), headers.get('cache-control')];
      });
      expect(served).toEqual(['br', 'public, max-age=31536000, immutable']);
      await page.close();
    });

    it('is at most 500 KB for a thread of ten pictures that is opened again, thumbnails below 15 KB', async () => {
      const page = await browser.newPage();
      await page.goto(web.base);
      const file = { name: 'p.jpg', mimeType: 'image/jpeg', buffer: await photograph() };
      await page.setInputFiles('#file', file);
      await page.waitForSelector('.badge', { timeout: 60_000 });
      const thread = page.url().split('#')[1]!;
      const { owner } = (await web.dedit.sessions.views.inThread('web', thread))!;
      for (let i = 0; i < 9; i++)
        await web.dedit.conversation.handle({
          ...{ id: `w${i}`, platform: 'web', thread, user: owner, kind: 'say' },
          text: `make 2 ${'abcdefghi'[i]}`,
        });
      await web.dedit.settled('web', thread);
      const bytes = await countBytes(page);
      await page.goto('about:blank');
      const before = bytes();
      await page.goto(`${web.base}/#${thread}`);
      await page.waitForFunction(() => document.querySelectorAll('.frame img').length === 10);
      await page.waitForSelector('.badge');
      await page.waitForLoadState('networkidle');
      console.log(`ten pictures again: ${bytes() - before} bytes`);
      expect(bytes() - before).toBeLessThan(500 * KB);
      const thumbs = await page
        .locator('.frame img')
        .evaluateAll((all) =>
          Promise.all(
            all.map(async (img) => (await (await fetch((img as HTMLImageElement).src)).blob()).size),
          ),
        );
      expect(Math.max(...thumbs)).toBeLessThan(15 * KB);
      await page.close();
    });
  },
  180_000,
);
