import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editOf } from '../../../src/sessions/storedEdit.js';
import { photo } from '../../support/conversation.js';
import { openWeb } from '../../support/webChat.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
// on CI a missing browser is a failure, at home the rest of the tests still counts
const there = existsSync(CHROMIUM) || Boolean(process.env.CI);
if (!there) console.warn(`skipped: no browser at ${CHROMIUM} (apt-get install chromium, or set CHROMIUM)`);

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

describe.skipIf(!there)(
  'the page in a browser',
  () => {
    let web: Awaited<ReturnType<typeof openWeb>>;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    const errors: string[] = [];

    const watch = (opened: Page): Page => {
      opened.on('pageerror', (error) => errors.push(error.message));
      opened.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      return opened;
    };

    beforeAll(async () => {
      web = await openWeb({ web: { port: await freePort() } });
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      page = watch(await context.newPage());
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
    const results = (count: number) =>
      page.waitForFunction((n) => document.querySelectorAll('article.result').length === n, count);

    /** Does what a person does with a file over the page. */
    const bring = async (how: 'paste' | 'drop', on: Page): Promise<void> => {
      const bytes = [...(await photo(40, 30))];
      await on.evaluate(
        ([type, data]) => {
          const files = new DataTransfer();
          files.items.add(new File([Uint8Array.from(data)], 'p.png', { type: 'image/png' }));
          dispatchEvent(
            type === 'paste'
              ? new ClipboardEvent('paste', { clipboardData: files, cancelable: true })
              : new DragEvent('drop', { dataTransfer: files, cancelable: true }),
          );
        },
        [how, bytes] as const,
      );
    };

    it('shows the items and leaves the one under the pointer bright', async () => {
      expect(await page.locator('.item').allTextContents()).toEqual(['1 grass', '2 dog', '3 ball', '4 tree']);
      await page.waitForTimeout(300); // the label map arrives after the picture
      const box = (await page.locator('#frame').boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.25);
      expect(await page.locator('#highlight').getAttribute('data-item')).toBe('1');
      expect(await page.locator('.item.pointed').textContent()).toBe('2 dog');
      const shade = await page.locator('#highlight').evaluate((canvas: HTMLCanvasElement) => {
        const at = (x: number, y: number) => canvas.getContext('2d')!.getImageData(x, y, 1, 1).data[3];
        return [at(48, 12), at(16, 12)];
      });
      expect(shade[0]).toBe(0);
      expect(shade[1]).toBeGreaterThan(0);
      await page.mouse.click(box.x + box.width * 0.75, box.y + box.height * 0.25);
      expect(await page.inputValue('#text')).toBe('replace 2 with ');
    });

    it('enlarges a small picture to fill its room', async () => {
      const [frame, room] = [
        (await page.locator('#frame').boundingBox())!,
        (await page.locator('#room').boundingBox())!,
      ];
      expect(Math.max(frame.width / room.width, frame.height / room.height)).toBeGreaterThan(0.8);
      expect(frame.width / frame.height).toBeCloseTo(64 / 48, 1);
    });

    it('edits by words, and by the item buttons as reactions', async () => {
      await say('replace 2 with a cat');
      await page.waitForSelector('article.result');
      await page.waitForFunction(() => document.querySelector('#items')?.textContent?.includes('2 cat'));
      await page.click('[aria-label="Remove 3, ball"]');
      await results(2);
      expect(await page.locator('article.mine').allTextContents()).toEqual(['replace 2 with a cat']);
    });

    it('marks items on results too, and shows their numbers when asked', async () => {
      await page.waitForFunction(() => document.querySelectorAll('.item').length === 3);
      expect(await page.locator('#overlay').isVisible()).toBe(false);
      await page.hover('.item >> nth=1');
      await expect.poll(() => page.locator('#highlight').getAttribute('data-item')).toBe('1');
      await page.click('#numbers');
      expect(await page.locator('#overlay').isVisible()).toBe(true);
      await page.click('#numbers');
    });

    it('recalls what was said with the arrow keys', async () => {
      await page.focus('#text');
      await page.fill('#text', '');
      await page.keyboard.press('ArrowUp');
      expect(await page.inputValue('#text')).toBe('replace 2 with a cat');
      await page.keyboard.press('ArrowDown');
      expect(await page.inputValue('#text')).toBe('');
    });

    it('compares with a slider that keys move', async () => {
      await say('compare');
      await page.waitForSelector('article.compare');
      await page.waitForSelector('#slider', { state: 'visible' });
      await page.focus('#slider');
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
      expect(await page.locator('#frame').evaluate((e) => e.style.getPropertyValue('--cut'))).toBe('55%');
      expect(await page.getAttribute('#slider', 'aria-valuetext')).toBe('55 % before');
      await page.keyboard.press('Escape');
      expect(await page.locator('#slider').isVisible()).toBe(false);
    });

    it('goes on from an older picture of the tree, unless Escape says not to', async () => {
      await page.click('#history >> text=0: upload');
      expect(await page.locator('#answering').textContent()).toContain('the picture as it came');
      await page.focus('#text');
      await page.keyboard.press('Escape');
      expect(await page.locator('#answering').isVisible()).toBe(false);
      await page.click('#history >> text=0: upload');
      await say('remove 4');
      await page.waitForFunction(() =>
        document.querySelector('#history')?.textContent?.includes('3: remove 4'),
      );
      expect(await page.locator('#history ul li').count()).toBeGreaterThan(1);
      await results(3);
    });

    it('gives the picture to take along', async () => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
      expect(download.suggestedFilename()).toBe('dedit-3.png');
    });

    it('says what was not understood, and what could not be sent', async () => {
      await say('wibble');
      await page.waitForSelector('article.refusal');
      expect(await page.locator('article.refusal').last().textContent()).toContain('say for example');
      await page.route('**/messages', (route) => route.abort());
      await say('remove 1');
      await page.waitForFunction(() =>
        document.querySelector('#log')?.textContent?.includes('The server does not answer'),
      );
      expect(await page.inputValue('#text')).toBe('remove 1');
      await page.unroute('**/messages');
      await page.fill('#text', '');
      errors.splice(0); // the request that was broken on purpose
    });

    it('is the same after a reload', async () => {
      const before = await page.locator('article.result').count();
      await page.reload();
      await page.waitForSelector('article.result');
      expect(await page.locator('article.result').count()).toBe(before);
    });

    it('says when the connection is lost, and catches up when it is there again', async () => {
      await page.waitForTimeout(200);
      const thread = page.url().split('#')[1]!;
      await web.web.stop();
      await page.waitForSelector('#lost', { state: 'visible' });
      const session = (await web.dedit.sessions.views.inThread('web', thread))!;
      await web.dedit.conversation.handle({
        ...{ id: 'meanwhile', platform: 'web', thread, user: session.owner, kind: 'say', text: 'remove 1' },
      });
      await web.dedit.settled('web', thread);
      await web.web.start(web.dedit.conversation.handle);
      await results(4);
      await page.waitForSelector('#lost', { state: 'hidden' });
      errors.splice(0); // the browser's own word for a connection refused
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

    it('does not read every step of the progress aloud', async () => {
      const live = await page
        .locator('[aria-live], [role=status], [role=alert], [role=log]')
        .evaluateAll((all) => all.map((e) => e.id));
      expect(live).not.toContain('progress');
      expect(
        await page.locator('#progress').evaluate((e) => e.closest('[aria-live], [role=status], [role=log]')),
      ).toBeNull();
    });

    it('takes a picture that is pasted or dropped as a new thread, and keeps the one before', async () => {
      for (const how of ['paste', 'drop'] as const) {
        const before = page.url();
        await bring(how, page);
        await page.waitForFunction((url) => location.href !== url, before);
        await page.waitForSelector('article.overlay');
        expect(await page.textContent('#log')).toContain('A new thread');
      }
      await page.click('#new');
      await page.waitForFunction(() => document.querySelectorAll('#threads li').length === 3);
      expect(await page.locator('#threads img').count()).toBe(3);
      await page.click('#threads li:has-text("remove 1") a');
      await page.waitForSelector('article.result');
      await page.goBack();
      await page.waitForSelector('#threads');
      await page.goForward();
      await page.waitForSelector('article.result');
    });

    it('says what is wrong with a file that is none, and offers to choose another', async () => {
      await page.click('#new');
      const file = (name: string, mimeType: string) => ({ name, mimeType, buffer: Buffer.from('words') });
      await page.setInputFiles('#file', file('a.txt', 'text/plain'));
      expect(await page.textContent('#start-error')).toContain('not a picture');
      await page.setInputFiles('#file', file('a.png', 'image/png'));
      await page.waitForSelector('article.refusal');
      await page.click('#another');
      await page.waitForSelector('#drop');
      await expect.poll(() => page.locator('#threads li').count()).toBe(3);
    });

    it('says so when a thread is not there', async () => {
      await page.goto(`${web.base}/#00000000-0000-4000-8000-000000000000`);
      await page.waitForFunction(() =>
        document.querySelector('#start-error')?.textContent?.includes('not here'),
      );
      errors.splice(0); // the browser's own word for 404
    });

    describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
      it('is readable: at least 4.5 to 1 for every text', async () => {
        const tab = await context.newPage();
        await tab.emulateMedia({ colorScheme });
        await tab.goto(web.base);
        await tab.click('#threads li:has-text("remove 1") a');
        await tab.waitForSelector('article.result');
        await tab.waitForTimeout(300);
        const faint = await tab.evaluate(() => {
          const rgba = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number);
          const light = (rgb: number[]) => {
            const [r, g, b] = rgb
              .slice(0, 3)
              .map((v) => v / 255)
              .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
          };
          const ground = (element: Element | null): number[] => {
            for (let e = element; e; e = e.parentElement) {
              const colour = rgba(getComputedStyle(e).backgroundColor);
              if (colour.length === 3 || colour[3]! > 0.9) return colour;
            }
            return [255, 255, 255];
          };
          return Array.from(document.querySelectorAll('body *'))
            .filter((e) => Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.textContent?.trim()))
            .filter((e) => (e as HTMLElement).checkVisibility() && !e.closest(':disabled, #cut, #nothing'))
            .map((e) => {
              const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))];
              const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
              return { text: e.textContent?.slice(0, 30), ratio };
            })
            .filter(({ ratio }) => !(ratio >= 4.5));
        });
        expect(faint).toEqual([]);
        await tab.close();
      });
    });

    it('fits a telephone', async () => {
      const phone = await browser.newContext({
        ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
        storageState: await context.storageState(),
      });
      const tab = watch(await phone.newPage());
      await tab.goto(web.base);
      await tab.tap('#threads li:has-text("remove 1") a');
      await tab.waitForSelector('article.result');
      const sizes = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(sizes[0]).toBeLessThanOrEqual(sizes[1]!);
      for (const id of ['#shown', '#text', '#log']) {
        const box = (await tab.locator(id).boundingBox())!;
        expect(box.y + Math.min(box.height, 100), id).toBeLessThanOrEqual(844);
      }
      await tab.tap('.item >> nth=0');
      expect(await tab.inputValue('#text')).toBe('replace 1 with ');
      await phone.close();
    });

    describe('the mask editor', () => {
      let editor: Page;
      let href: string;
      const painted = () =>
        editor.locator('#mask').evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((_, i) => i % 4 === 3).reduce((n, a) => n + (a > 127 ? 1 : 0), 0);
        });
      /** A stroke along points, in shares of the picture. */
      const stroke = async (points: readonly (readonly [number, number])[]): Promise<void> => {
        const box = (await editor.locator('#mask').boundingBox())!;
        const at = ([x, y]: readonly [number, number]) =>
          [box.x + box.width * x, box.y + box.height * y] as const;
        await editor.mouse.move(...at(points[0]!));
        await editor.mouse.down();
        for (const point of points.slice(1)) await editor.mouse.move(...at(point), { steps: 4 });
        await editor.mouse.up();
      };

      beforeAll(async () => {
        await page.goto(web.base);
        await page.setInputFiles('#file', {
          name: 'p.png',
          mimeType: 'image/png',
          buffer: Buffer.from(await photo(64, 48)),
        });
        await page.waitForSelector('article.overlay');
        await say('reshape 2');
        await page.waitForSelector('article a');
        href = (await page.locator('article a', { hasText: 'mask editor' }).last().getAttribute('href'))!;
        editor = watch(await browser.newPage());
        await editor.goto(href);
        await editor.waitForSelector('#mask.ready');
      }, 60_000);

      it('begins with the outline as it is, and sends nothing that changes nothing', async () => {
        expect(await painted()).toBe((64 * 48) / 4);
        expect(await editor.isDisabled('#done')).toBe(true);
        expect(await editor.textContent('#answer')).toContain('change it first');
      });

      it('leaves the picture to be seen under the mask', async () => {
        expect(
          await editor.locator('#mask').evaluate((e) => Number(getComputedStyle(e).opacity)),
        ).toBeLessThan(0.6);
        const white = await editor.locator('#outline').evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return data.some((v, i) => i % 4 === 3 && v === 255);
        });
        expect(white).toBe(true);
      });

      it('has a brush, an eraser and a lasso, and takes each back', async () => {
        const before = await painted();
        await stroke([
          [0.2, 0.8],
          [0.4, 0.8],
        ]);
        const drawn = await painted();
        expect(drawn).toBeGreaterThan(before);
        await editor.keyboard.press('e');
        await stroke([
          [0.2, 0.8],
          [0.3, 0.8],
        ]);
        expect(await painted()).toBeLessThan(drawn);
        await editor.keyboard.press('l');
        await stroke([
          [0.1, 0.6],
          [0.4, 0.6],
          [0.4, 0.95],
          [0.1, 0.95],
        ]);
        expect(await painted()).toBeGreaterThan(drawn);
        for (const expected of [undefined, drawn, before]) {
          await editor.keyboard.press('Control+z');
          if (expected !== undefined) expect(await painted()).toBe(expected);
        }
        expect(await editor.isDisabled('#undo')).toBe(true);
        await editor.keyboard.press('Control+Shift+z');
        expect(await painted()).toBe(drawn);
        await editor.keyboard.press('Control+z');
      });

      it('shows how large the brush is', async () => {
        await editor.keyboard.press('b');
        const box = (await editor.locator('#mask').boundingBox())!;
        await editor.mouse.move(box.x + 50, box.y + 50);
        const small = (await editor.locator('#brush').boundingBox())!;
        expect(small.x + small.width / 2).toBeCloseTo(box.x + 50, 0);
        await editor.keyboard.press(']');
        expect((await editor.locator('#brush').boundingBox())!.width).toBeGreaterThan(small.width);
        await editor.keyboard.press('[');
      });

      it('moves without losing what is moved over the edge and back', async () => {
        const before = await painted();
        await editor.keyboard.press('m');
        await stroke([
          [0.6, 0.3],
          [0.95, 0.3],
          [0.95, 0.02],
          [0.6, 0.3],
        ]);
        expect(await painted()).toBe(before);
        // and in two drags, too
        await stroke([
          [0.6, 0.3],
          [0.95, 0.3],
        ]);
        expect(await painted()).toBeLessThan(before);
        await stroke([
          [0.95, 0.3],
          [0.6, 0.3],
        ]);
        expect(await painted()).toBe(before);
      });

      it('scales and back', async () => {
        const before = await painted();
        await editor.click('#smaller');
        expect(await painted()).toBeLessThan(before);
        await editor.click('#larger');
        expect(await painted()).toBe(before);
      });

      it('is used by keys alone', async () => {
        await editor.focus('#mask');
        await editor.keyboard.press('m');
        const before = await painted();
        for (let i = 0; i < 3; i++) await editor.keyboard.press('Shift+ArrowRight');
        expect(await painted()).toBeLessThan(before);
        for (let i = 0; i < 3; i++) await editor.keyboard.press('Shift+ArrowLeft');
        expect(await painted()).toBe(before);
        await editor.keyboard.press('b');
        for (let i = 0; i < 2; i++) await editor.keyboard.press('Shift+ArrowDown');
        await editor.keyboard.down('Space');
        for (let i = 0; i < 5; i++) await editor.keyboard.press('ArrowLeft');
        await editor.keyboard.up('Space');
        expect(await painted()).toBeGreaterThan(before);
        await editor.keyboard.press('Control+z');
        expect(await painted()).toBe(before);
      });

      it('wants something painted', async () => {
        await editor.click('#clear');
        expect(await editor.isDisabled('#done')).toBe(true);
        expect(await editor.textContent('#answer')).toContain('Nothing is painted');
        await editor.click('#undo');
      });

      it('is painted by a finger, and leaves scrolling to the rest of the page', async () => {
        const phone = await browser.newContext({
          ...{ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true },
        });
        const tab = watch(await phone.newPage());
        await tab.goto(href);
        await tab.waitForSelector('#mask.ready');
        const box = (await tab.locator('#mask').boundingBox())!;
        const cdp = await phone.newCDPSession(tab);
        const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
          cdp.send('Input.dispatchTouchEvent', {
            type,
            touchPoints: x === undefined ? [] : [{ x: box.x + box.width * x, y: box.y + box.height * 0.8 }],
          });
        await touch('touchStart', 0.15);
        for (const x of [0.2, 0.3, 0.4]) await touch('touchMove', x);
        await touch('touchEnd');
        await expect.poll(() => tab.isDisabled('#done')).toBe(false);
        const action = (id: string) => tab.locator(id).evaluate((e) => getComputedStyle(e).touchAction);
        expect([await action('#mask'), await action('body')]).toEqual(['none', 'auto']);
        const sizes = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        expect(sizes[0]).toBeLessThanOrEqual(sizes[1]!);
        await phone.close();
      });

      it('gives the item the outline that is drawn, and says what else the link is good for', async () => {
        await stroke([
          [0.2, 0.8],
          [0.4, 0.8],
        ]);
        const drawn = await painted();
        await editor.click('#done');
        await editor.waitForFunction(() =>
          document.querySelector('#answer')?.textContent?.startsWith('Sent'),
        );
        await page.waitForFunction(() =>
          document.querySelector('#log')?.textContent?.includes('1: reshape 2'),
        );
        const revision = await web.dedit.sessions.prisma.revision.findFirstOrThrow({
          where: { say: 'reshape 2' },
        });
        const edit = await editOf(web.dedit.sessions.blobs, revision);
        if (edit.kind !== 'reshape') throw new Error(edit.kind);
        expect(edit.mask.data.reduce((n, v) => n + v, 0)).toBe(drawn);
        // the picture it was drawn on is not the newest any more
        await stroke([
          [0.2, 0.9],
          [0.4, 0.9],
        ]);
        await editor.click('#done');
        await editor.waitForFunction(() =>
          document.querySelector('#answer')?.textContent?.includes('changed'),
        );
        errors.splice(0); // the browser's own word for 409
        await editor.click('#more');
        await editor.waitForSelector('#mask.ready');
      });

      it('stays quick on a large picture', async () => {
        const tab = watch(await context.newPage());
        await tab.goto(web.base);
        const large = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#486' } })
          .png()
          .toBuffer();
        await tab.setInputFiles('#file', { name: 'l.png', mimeType: 'image/png', buffer: large });
        await tab.waitForSelector('article.overlay', { timeout: 60_000 });
        await tab.fill('#text', 'reshape 2');
        await tab.press('#text', 'Enter');
        await tab.waitForSelector('article a');
        await tab.goto((await tab.locator('article a').last().getAttribute('href'))!);
        await tab.waitForSelector('#mask.ready', { timeout: 60_000 });
        const box = (await tab.locator('#mask').boundingBox())!;
        for (let i = 0; i < 8; i++) {
          await tab.mouse.move(box.x + 20, box.y + box.height * 0.6 + i * 9);
          await tab.mouse.down();
          await tab.mouse.move(box.x + 200, box.y + box.height * 0.6 + i * 9, { steps: 5 });
          await tab.mouse.up();
        }
        // the states to go back to are kilobytes each, not 48 MB
        const began = Date.now();
        for (let i = 0; i < 8; i++) await tab.keyboard.press('Control+z');
        expect(await tab.isDisabled('#undo')).toBe(true);
        expect(Date.now() - began).toBeLessThan(15_000);
        await tab.close();
      }, 120_000);
    });

    it('forgets a picture when it is asked twice', async () => {
      const answers = [false, true];
      page.on('dialog', (dialog) => void (answers.shift() ? dialog.accept() : dialog.dismiss()));
      const thread = page.url().split('#')[1]!;
      await page.click('#forget');
      expect(await web.dedit.sessions.views.inThread('web', thread)).toBeDefined();
      await page.click('#forget');
      await page.waitForFunction(() =>
        document.querySelector('#start-error')?.textContent?.startsWith('Forgotten'),
      );
      expect(await web.dedit.sessions.views.inThread('web', thread)).toBeUndefined();
      expect(await page.locator(`#threads a[href="#${thread}"]`).count()).toBe(0);
      errors.splice(0); // the browser's own word for 404
    });

    it('is reached by the tab key, the picture before the words', async () => {
      await page.click('#threads li >> nth=0 >> a');
      await page.waitForSelector('article');
      await page.focus('#home');
      const order: string[] = [];
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        order.push(
          await page.evaluate(() => document.activeElement!.id || document.activeElement!.classList[0]!),
        );
        if (order.at(-1) === 'text') break;
      }
      const first = (name: string) => order.indexOf(name);
      expect(first('numbers')).toBeGreaterThan(first('new'));
      expect(first('item')).toBeGreaterThan(first('numbers'));
      expect(first('log')).toBeGreaterThan(first('item'));
      expect(order.at(-1)).toBe('text');
    });

    it('logs no error', () => {
      expect(errors).toEqual([]);
    });
  },
  60_000,
);
