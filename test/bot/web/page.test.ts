import { type Browser, type BrowserContext, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editOf } from '../../../src/sessions/storedEdit.js';
import { browserIsThere, fingers, freePort, openBrowser, violations } from '../../support/browser.js';
import { photo } from '../../support/conversation.js';
import { openWeb } from '../../support/webChat.js';

const WAIT = { timeout: 30_000 };

describe.skipIf(!browserIsThere())(
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
    const upload = async (on: Page): Promise<void> => {
      await on.setInputFiles('#file', {
        ...{ name: 'p.png', mimeType: 'image/png' },
        buffer: Buffer.from(await photo(64, 48)),
      });
      await on.waitForSelector('.badge', WAIT);
    };

    beforeAll(async () => {
      web = await openWeb({ web: { port: await freePort(), rate: [1000, 1000] } });
      browser = await openBrowser();
      context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
      // a browser may tell of a last change when what is observed is gone, seldom: here it always does
      await context.addInitScript(() => {
        globalThis.ResizeObserver = class extends ResizeObserver {
          readonly #told: () => void;
          constructor(told: ResizeObserverCallback) {
            super(told);
            this.#told = () => told([], this);
          }
          override disconnect(): void {
            this.#told();
            super.disconnect();
          }
        };
      });
      page = watch(await context.newPage());
      await page.goto(web.base);
      await upload(page);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await web?.close();
    });

    const say = async (text: string, on = page): Promise<void> => {
      await on.fill('#text', text);
      await on.press('#text', 'Enter');
    };
    /** The words on the screen that people said themselves. */
    const mine = (on = page) => on.locator('article.mine').allTextContents();
    const done = async (words: string, on = page): Promise<void> => {
      await on.waitForSelector(`article.result:has-text("${words}")`, WAIT);
      await on.waitForSelector('#progress', { state: 'hidden', ...WAIT });
      await on.waitForSelector('#stage[aria-busy=false]', WAIT);
    };
    /** A point of the picture, in shares of it, on the screen. */
    const at = async (x: number, y: number, on = page): Promise<[number, number]> => {
      const box = (await on.locator('#shown').boundingBox())!;
      return [box.x + box.width * x, box.y + box.height * y];
    };
    const selected = (on = page) => on.locator('.badge[aria-pressed=true]').allTextContents();

    it('shows the plain picture with small numbers, and outlines what the pointer is on', async () => {
      expect(await page.locator('.badge').allTextContents()).toEqual(['1', '2', '3', '4']);
      expect(await page.getAttribute('#shown', 'src')).toContain('/view');
      await page.mouse.move(...(await at(0.8, 0.2)));
      await page.waitForSelector('.marks .hover');
      expect(await page.locator('.badge.pointed').textContent()).toBe('2 dog');
      // the outline is the upper right quarter
      const box = (await page.locator('.marks .hover').boundingBox())!;
      const [x, y] = await at(0.5, 0);
      expect([Math.abs(box.x - x) < 4, Math.abs(box.y - y) < 4]).toEqual([true, true]);
      expect(await page.inputValue('#text')).toBe('');
    });

    it('selects by a click, which stays, and one more with shift; Escape lets go', async () => {
      await page.mouse.click(...(await at(0.8, 0.2)));
      await page.mouse.move(...(await at(0.2, 0.2)));
      expect(await selected()).toEqual(['2 dog']);
      await page.keyboard.down('Shift');
      await page.mouse.click(...(await at(0.2, 0.8)));
      await page.keyboard.up('Shift');
      expect(await selected()).toEqual(['2 dog', '3 ball']);
      expect(await page.textContent('#announce')).toContain('2 dog, 3 ball selected');
      expect(await page.locator('.bar').textContent()).toContain('Merge');
      await page.keyboard.press('Escape');
      expect(await selected()).toEqual([]);
    });

    it('asks whether these are the things, and waits with learning until something is said', async () => {
      const learned = () => web.dedit.sessions.prisma.task.findFirst({ where: { kind: 'learn' } });
      expect(await page.textContent('#question')).toContain('the things you want to change');
      expect(await page.locator('#progress').count()).toBe(0);
      expect(await learned()).toMatchObject({ status: 'PENDING', attempts: 0 });
      expect(await violations(page)).toEqual([]);
      await page.mouse.click(...(await at(0.2, 0.2)));
      expect(await page.locator('#question').count()).toBe(0);
      await page.click('.bar >> text=Rename…');
      await page.keyboard.type('lawn');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.badge[aria-label="1 lawn"]', WAIT);
      await page.keyboard.press('Escape');
      await page.click('text=Yes, go');
      await page.waitForSelector('article:has-text("I learn the items now")', WAIT);
      await page.waitForSelector('#question', { state: 'hidden', ...WAIT });
      await page.waitForSelector('#progress', { state: 'hidden', ...WAIT });
      expect(await learned()).toMatchObject({ status: 'DONE' });
      expect(await mine()).toEqual(['rename 1 lawn', 'go']);
    });

    it('replaces by words typed at the thing, which appear in the conversation', async () => {
      await page.mouse.click(...(await at(0.8, 0.2)));
      await page.click('.bar >> text=Replace…');
      await page.keyboard.type('a cat');
      await page.keyboard.press('Enter');
      await done('replace 2 with a cat');
      expect((await mine()).at(-1)).toBe('replace 2 with a cat');
      await page.waitForSelector('.badge[aria-label="2 cat"]');
    });

    it('moves what is dragged, with a ghost of its pixels, and says so in words', async () => {
      await page.keyboard.press('Escape');
      const from = await at(0.25, 0.75);
      await page.mouse.move(...from);
      await page.mouse.down();
      await page.mouse.move(from[0] + 10, from[1], { steps: 2 });
      const to = await at(0.5, 0.75);
      await page.mouse.move(...to, { steps: 4 });
      const ghost = (await page.locator('.ghost canvas').boundingBox())!;
      expect(ghost.x + ghost.width / 2).toBeCloseTo(to[0], -1);
      await page.mouse.up();
      await done('move 3 right 16');
      expect((await mine()).at(-1)).toBe('move 3 right 16');
      expect(web.engine.edits.at(-1)).toMatchObject({ kind: 'move', item: 2, dx: 16, dy: 0 });
    });

    it('resizes by a handle, about the middle of the thing where it now is', async () => {
      const centre = await at(0.5, 0.75);
      await page.mouse.click(...centre);
      expect(await selected()).toEqual(['3 ball']);
      const handle = (await page.locator('.handle.ne').boundingBox())!;
      const corner = [handle.x + handle.width / 2, handle.y + handle.height / 2] as const;
      await page.mouse.move(...corner);
      await page.mouse.down();
      const half = [(corner[0] + centre[0]) / 2, (corner[1] + centre[1]) / 2] as const;
      await page.mouse.move(...half, { steps: 4 });
      await page.mouse.up();
      await done('resize 3 ');
      expect((await mine()).at(-1)).toBe('resize 3 50%');
    });

    it('turns by the handle below, with Shift in steps of 15°', async () => {
      const box = (await page.locator('.handle.turn').boundingBox())!;
      const [x, y] = await at(0.5, 0.75);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.keyboard.down('Shift');
      await page.mouse.down();
      await page.mouse.move(x + 90, y + 2, { steps: 4 });
      await page.waitForSelector('.ghost');
      await page.mouse.up();
      await page.keyboard.up('Shift');
      await done('rotate 3 -90');
      expect((await mine()).at(-1)).toBe('rotate 3 -90');
    });

    it('zooms by the wheel, slides by the space key whatever lies there, and fills the screen', async () => {
      const shown = async () => (await page.locator('#shown').boundingBox())!;
      const [whole, said] = [await shown(), await mine()];
      const [x, y] = await at(0.5, 0.75);
      await page.mouse.move(x, y);
      await page.mouse.wheel(0, -400);
      await expect.poll(async () => (await shown()).width).toBeGreaterThan(1.2 * whole.width);
      const zoomed = await shown();
      await page.keyboard.down(' ');
      await page.mouse.down();
      await page.mouse.move(x - 20, y - 30, { steps: 3 });
      await page.mouse.up();
      await page.keyboard.up(' ');
      const slid = await shown();
      expect([slid.x - zoomed.x, slid.y - zoomed.y].map(Math.round)).toEqual([-20, -30]);
      await page.click('[aria-label="Whole picture"]');
      expect(await shown()).toEqual(whole);
      for (const full of [true, false]) {
        await page.click('[aria-label="Full screen"]');
        await page.waitForFunction((on) => (document.fullscreenElement !== null) === on, full, WAIT);
      }
      expect(await mine()).toEqual(said);
    });

    it('does everything by keyboard, too, and announces it', async () => {
      await page.keyboard.press('Escape');
      await page.focus('.badge[aria-label="4 tree"]');
      await page.keyboard.press('Enter');
      expect(await selected()).toEqual(['4 tree']);
      expect(await page.textContent('#announce')).toBe('4 tree selected');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Shift+ArrowUp');
      await page.waitForSelector('.ghost');
      await done('move 4 left 1 up 10');
      // numbers stay on the screen until those of the new picture are there
      await page.evaluate(() => {
        const seen = globalThis as unknown as { fewest: number };
        const count = () => (seen.fewest = Math.min(seen.fewest, document.querySelectorAll('.badge').length));
        seen.fewest = Infinity;
        new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
      });
      await page.keyboard.press('Delete');
      await done('remove 4');
      await page.waitForFunction(() => document.querySelectorAll('.badge').length === 3, null, WAIT);
      expect(await page.evaluate(() => (globalThis as unknown as { fewest: number }).fewest)).toBe(3);
      await page.keyboard.press('Control+z');
      await page.waitForFunction(() => document.querySelectorAll('.badge').length === 4, null, WAIT);
      await page.keyboard.press('Control+Shift+z');
      await page.waitForFunction(() => document.querySelectorAll('.badge').length === 3, null, WAIT);
      expect((await mine()).slice(-2)).toEqual(['undo', 'redo']);
    });

    it('undoes and does again by buttons', async () => {
      await page.click('[aria-label="undo"]');
      await page.waitForFunction(() => document.querySelectorAll('.badge').length === 4, null, WAIT);
      await page.click('[aria-label="redo"]');
      await page.waitForFunction(() => document.querySelectorAll('.badge').length === 3, null, WAIT);
    });

    it('compares for as long as it is held, with the picture before and the one that was sent', async () => {
      const shown = () => page.getAttribute('#shown', 'src');
      const current = await shown();
      await page.hover('#compare');
      await page.mouse.down();
      await page.waitForSelector('.peek');
      expect(await page.textContent('.peek')).toContain('move 4');
      expect(await shown()).not.toBe(current);
      await page.mouse.up();
      expect(await shown()).toBe(current);
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await page.keyboard.down('o');
      expect(await page.textContent('.peek')).toBe('as it came');
      await page.keyboard.up('o');
      expect(await page.locator('.peek').count()).toBe(0);
    });

    it('keeps one’s own words with their answers, in order, after a reload and in every tab', async () => {
      const order = (on: Page) =>
        on.locator('#log article').evaluateAll((all) => all.map((e) => e.textContent));
      const before = await order(page);
      const tab = watch(await context.newPage());
      await tab.goto(page.url());
      await tab.waitForFunction((n) => document.querySelectorAll('#log article').length === n, before.length);
      expect(await order(tab)).toEqual(before);
      await say('rename 1 meadow', tab);
      await page.waitForFunction(
        () => document.querySelector('#log')?.textContent?.includes('now called meadow'),
        null,
        WAIT,
      );
      expect((await mine()).at(-1)).toBe('rename 1 meadow');
      await page.reload();
      await page.waitForFunction(
        (n) => document.querySelectorAll('#log article').length === n,
        before.length + 2,
      );
      expect((await order(page)).slice(0, before.length)).toEqual(before);
      await tab.close();
    });

    it('goes on from an older picture of the film, on a branch of its own', async () => {
      await page.waitForSelector('.badge');
      await page.click('.frame[aria-label^="1: "]');
      expect(await page.textContent('#answering')).toContain('1: replace 2 with a cat');
      await page.focus('#text');
      await page.keyboard.press('Escape');
      expect(await page.locator('#answering').count()).toBe(0);
      await page.click('.frame[aria-label^="1: "]');
      await say('make 1 blue');
      await done('make 1 blue');
      const label = await page.locator('.frame[aria-current]').getAttribute('aria-label');
      expect(label).toContain('from 1');
      expect(await page.locator('.way.l1').count()).toBe(1);
    });

    it('shows variants as tiles, looks at one that is pointed at, and goes on from one that is clicked', async () => {
      await say('again 3');
      await page.waitForSelector('.tile >> nth=2', WAIT);
      await page.waitForSelector('#progress', { state: 'hidden', ...WAIT });
      const current = await page.getAttribute('#shown', 'src');
      await page.hover('.tile >> nth=1');
      expect(await page.getAttribute('#shown', 'src')).not.toBe(current);
      await page.click('.tile >> nth=1');
      await page.waitForFunction(
        () => document.querySelector('#log')?.textContent?.includes('Going on from picture 2'),
        null,
        WAIT,
      );
      expect((await mine()).at(-1)).toBe('use 2');
    });

    it('offers the nearest action under a refusal, and examples in the help', async () => {
      await say('wibble 2');
      await page.waitForSelector('article.refusal button', WAIT);
      await say('help');
      await page.waitForSelector('.help button', WAIT);
      await page.click('.help button >> nth=0');
      expect(await page.inputValue('#text')).toMatch(/^replace/);
      await page.fill('#text', '');
    });

    it('says numbers again only when they are others', async () => {
      const seen = await page.locator('article.overlay').allTextContents();
      const told = seen.filter((text) => text.startsWith('Now:'));
      // the cat, the tree that went, and the branch where it is there again
      expect(told).toHaveLength(3);
      for (const [i, text] of told.entries()) expect(text).not.toBe(told[i - 1]);
    });

    it('keeps the numbers of the picture on the screen until the next one has come', async () => {
      const numbers = () => page.locator('.badge').allTextContents();
      const before = await numbers();
      let come!: () => void;
      const held = new Promise<void>((resolve) => (come = resolve));
      await page.route(/\/view/, async (route) => {
        await held;
        await route.continue();
      });
      const outlines = page.waitForResponse(/\/map/, WAIT);
      await say('remove 2');
      await (await outlines).finished();
      await page.waitForSelector('article.result:has-text("remove 2")', WAIT);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      expect(await numbers()).toEqual(before);
      come();
      await page.waitForSelector('#stage[aria-busy=false]', WAIT);
      await page.unroute(/\/view/);
      expect(await numbers()).toEqual(before.slice(0, -1));
      await say('undo');
      await page.waitForFunction(
        (n) => document.querySelectorAll('.badge').length === n,
        before.length,
        WAIT,
      );
      await say('help');
    });

    it('recalls what was said with the arrow keys, and says what could not be sent', async () => {
      await page.focus('#text');
      await page.keyboard.press('ArrowUp');
      expect(await page.inputValue('#text')).toBe('help');
      await page.keyboard.press('ArrowDown');
      await page.route('**/messages', (route) => route.abort());
      await say('remove 1');
      await page.waitForSelector('article.failed');
      expect(await page.textContent('article.failed')).toContain('The server does not answer');
      // the words can be changed
      await page.click('article.failed >> text=Change');
      expect(await page.inputValue('#text')).toBe('remove 1');
      expect(await page.locator('article.failed').count()).toBe(0);
      // or sent again as they are
      await say('history');
      await page.waitForSelector('article.failed');
      await page.unroute('**/messages');
      const before = await page.locator('article.mine').count();
      await page.click('article.failed >> text=Send again');
      await page.waitForFunction(
        (n) =>
          !document.querySelector('article.failed') &&
          document.querySelector('#log')!.lastElementChild!.className !== 'mine' &&
          document.querySelectorAll('article.mine').length === n,
        before,
        WAIT,
      );
      errors.splice(0); // the requests that were broken on purpose
    });

    it('shows what runs as data, with a share, the queue and a way to stop it', async () => {
      web.engine.slow = 2500;
      await say('make 1 red');
      await say('make 2 blue');
      await page.waitForFunction(
        () => /\d+ %/.test(document.querySelector('.far')?.textContent ?? ''),
        null,
        WAIT,
      );
      expect(await page.textContent('#progress')).toContain('make 1 red');
      expect(await page.textContent('.waits')).toContain('make 2 blue');
      expect(
        await page.locator('#progress').evaluate((e) => e.closest('[aria-live], [role=status], [role=log]')),
      ).toBeNull();
      // a page that comes in the middle is told at once
      const tab = watch(await context.newPage());
      await tab.goto(page.url());
      await tab.waitForSelector('.far', WAIT);
      await tab.close();
      await page.click('#progress >> text=Cancel');
      await page.waitForSelector('#progress', { state: 'hidden', ...WAIT });
      web.engine.slow = undefined;
    });

    it('shows a finer picture in the place of its draft, with no more words', async () => {
      web.engine.finer = 9;
      const results = page.locator('article.result');
      const before = await results.count();
      await page.focus('.badge >> nth=0');
      await page.keyboard.press('Enter');
      await page.click('.bar >> text=More');
      await page.click('.bar >> text=Move…');
      await page.keyboard.type('right 1');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#shown[src$="?refined"]', WAIT);
      const grey = await page.locator('#shown').evaluate(async (img: HTMLImageElement) => {
        await img.decode();
        const context = new OffscreenCanvas(1, 1).getContext('2d')!;
        context.drawImage(img, 0, 0, 1, 1);
        return context.getImageData(0, 0, 1, 1).data[0]!;
      });
      expect(Math.abs(grey - 9)).toBeLessThan(3);
      await page.waitForSelector('#progress', { state: 'hidden', ...WAIT });
      expect(await results.count()).toBe(before + 1);
      expect(await mine()).toContain('move 1 right 1');
      await page.keyboard.press('Escape');
      web.engine.finer = undefined;
    });

    it('says when the connection is lost, and catches up when it is there again', async () => {
      const thread = page.url().split('#')[1]!;
      await web.web.stop();
      await page.waitForSelector('#lost', WAIT);
      const session = (await web.dedit.sessions.views.inThread('web', thread))!;
      await web.dedit.conversation.handle({
        ...{
          id: 'meanwhile',
          platform: 'web',
          thread,
          user: session.owner,
          kind: 'say',
          text: 'make 1 gold',
        },
      });
      await web.dedit.settled('web', thread);
      await web.web.start(web.dedit.conversation.handle);
      await done('make 1 gold');
      await page.waitForSelector('#lost', { state: 'hidden', ...WAIT });
      errors.splice(0); // the browser's own word for a connection refused
    });

    describe('drawing an outline', () => {
      const painted = (on = page) =>
        on.locator('#mask').evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((_, i) => i % 4 === 3).reduce((n, a) => n + (a > 127 ? 1 : 0), 0);
        });
      const stroke = async (points: readonly (readonly [number, number])[], on = page): Promise<void> => {
        await on.mouse.move(...(await at(...points[0]!, on)));
        await on.mouse.down();
        for (const point of points.slice(1)) await on.mouse.move(...(await at(...point, on)), { steps: 4 });
        await on.mouse.up();
      };

      it('begins with the outline as it is, has brush, eraser, lasso, shapes and invert, and takes each back', async () => {
        await page.mouse.click(...(await at(0.8, 0.2)));
        await page.click('.bar >> text=Outline');
        await page.waitForSelector('#mask.ready', WAIT);
        const first = await painted();
        expect(first).toBeGreaterThan(0);
        expect(await page.isDisabled('#done')).toBe(true);
        const line = [
          [0.2, 0.7],
          [0.4, 0.7],
        ] as const;
        await stroke(line);
        const drawn = await painted();
        expect(drawn).toBeGreaterThan(first);
        await page.keyboard.press('e');
        await stroke(line);
        expect(await painted()).toBeLessThan(drawn);
        for (const [key, to] of [
          ['l', [0.1, 0.6]],
          ['s', [0.3, 0.8]],
          ['o', [0.3, 0.9]],
        ] as const) {
          const before = await painted();
          await page.keyboard.press(key);
          await stroke([[0.05, 0.55], [0.3, 0.6], [0.3, 0.95], to]);
          expect(await painted(), key).not.toBe(before);
        }
        const all = await page.locator('#mask').evaluate((c: HTMLCanvasElement) => c.width * c.height);
        const before = await painted();
        await page.keyboard.press('i');
        expect(await painted()).toBe(all - before);
        for (let i = 0; i < 5; i++) await page.keyboard.press('Control+z');
        expect(await painted()).toBe(drawn);
        await page.keyboard.press('Control+z');
        expect(await painted()).toBe(first);
        await page.keyboard.press('Control+Shift+z');
        expect(await painted()).toBe(drawn);
      });

      it('is done by keys alone', async () => {
        await page.keyboard.press('b');
        await page.focus('.pad');
        const before = await painted();
        await page.keyboard.press('Shift+ArrowLeft');
        await page.keyboard.down(' ');
        for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+ArrowDown');
        await page.keyboard.up(' ');
        expect(await painted()).toBeGreaterThan(before);
        await page.keyboard.press('Control+z');
      });

      it('zooms while it draws', async () => {
        await page.mouse.move(...(await at(0.5, 0.5)));
        const before = (await page.locator('#shown').boundingBox())!.width;
        await page.mouse.wheel(0, -400);
        await expect
          .poll(async () => (await page.locator('#shown').boundingBox())!.width)
          .toBeGreaterThan(before);
        await page.mouse.wheel(0, 4000);
        await expect.poll(async () => (await page.locator('#shown').boundingBox())!.width).toBe(before);
      });

      it('gives the item the outline that was drawn', async () => {
        const inside = await painted();
        expect(await violations(page)).toEqual([]);
        await page.getByLabel('Feather').fill('12');
        await page.click('#done');
        await done('reshape 2');
        const revision = await web.dedit.sessions.prisma.revision.findFirstOrThrow({
          where: { say: 'reshape 2' },
        });
        expect(revision.options).toMatchObject({ edge: 12 });
        const edit = await editOf(web.dedit.sessions.blobs, revision);
        if (edit.kind !== 'reshape') throw new Error(edit.kind);
        expect(edit.mask.data.reduce((n, v) => n + v, 0)).toBe(inside);
        expect(await page.locator('#mask').count()).toBe(0);
      });

      it('opens the same canvas for a signed link, sends, and ends with a way back', async () => {
        await say('reshape 2');
        const link = page.locator('article a', { hasText: 'mask editor' }).last();
        await link.waitFor(WAIT);
        const editor = watch(await page.context().newPage());
        await editor.goto((await link.getAttribute('href'))!);
        await editor.waitForSelector('#mask.ready', WAIT);
        expect(await violations(editor)).toEqual([]);
        await stroke(
          [
            [0.2, 0.8],
            [0.4, 0.8],
          ],
          editor,
        );
        await editor.click('#done');
        await editor.waitForFunction(
          () => document.querySelector('#answer')?.textContent?.startsWith('Sent'),
          null,
          WAIT,
        );
        expect(await editor.getAttribute('.outliner a', 'href')).toBe(`/#${page.url().split('#')[1]}`);
        await editor.close();
        await page.waitForFunction(() => document.querySelectorAll('article.result').length > 0, null, WAIT);
      });
    });

    describe('a gallery', () => {
      it('names, downloads and shares a picture, until the link is taken back', async () => {
        await page.click('[aria-label$="rename"]');
        await page.keyboard.type('My meadow');
        await page.keyboard.press('Enter');
        await page.waitForSelector('text=My meadow');
        await page.click('#download');
        const files: string[] = [];
        for (const n of [0, 1, 2]) {
          const coming = page.waitForEvent('download');
          await page.click(`.sheet a >> nth=${n}`);
          files.push((await coming).suggestedFilename());
        }
        expect(files[0]).toMatch(/^dedit-\d+\.png$/);
        expect(files.slice(1)).toEqual(['dedit.zip', '1-lawn.png']);
        await page.keyboard.press('Escape');
        await page.click('[aria-label="Share and forget"]');
        await page.click('text=Make a link');
        const link = await page.inputValue('#share-link');
        expect(await violations(page)).toEqual([]);
        const stranger = watch(await (await browser.newContext()).newPage());
        await stranger.goto(link);
        await stranger.waitForSelector('.badge', WAIT);
        expect(await stranger.locator('#text, [aria-label="undo"], article').count()).toBe(0);
        expect(await violations(stranger)).toEqual([]);
        await page.click('text=Take the link back');
        await page.waitForSelector('text=Make a link');
        await stranger.reload();
        await stranger.waitForSelector('#start-error:has-text("taken back")', WAIT);
        await stranger.close();
        errors.splice(0); // the browser's own word for 404
        await page.keyboard.press('Escape');
      });

      it('lists what was begun here, tells the model’s name, and forgets one when asked twice', async () => {
        const thread = page.url().split('#')[1]!;
        await page.click('#new');
        await page.waitForSelector('#threads li');
        expect(await page.textContent('.model')).toBe('demo model');
        expect(await page.locator('#threads .name').allTextContents()).toEqual(['My meadow']);
        expect(await page.locator('.samples img').count()).toBeGreaterThan(0);
        await page.click('[aria-label="Rename My meadow"]');
        await page.keyboard.type('Meadow');
        await page.keyboard.press('Enter');
        await page.waitForSelector('[aria-label="Forget Meadow"]');
        expect(await violations(page)).toEqual([]);
        await page.click('.sample >> nth=0');
        await page.waitForSelector('.badge', WAIT);
        const answers = [false, true];
        page.on('dialog', (dialog) => void (answers.shift() ? dialog.accept() : dialog.dismiss()));
        for (const there of [true, false]) {
          await page.click('[aria-label="Share and forget"]');
          await page.click('#forget');
          if (there) await page.keyboard.press('Escape');
        }
        await page.waitForSelector('#start-error:has-text("Forgotten")', WAIT);
        await page.waitForFunction(() => document.querySelectorAll('#threads li').length === 1);
        await page.click(`#threads a[href="/#${thread}"]`);
        await page.waitForSelector('article.result', WAIT);
        await page.goBack();
        await page.waitForSelector('#threads');
        await page.goForward();
        await page.waitForSelector('article.result', WAIT);
        errors.splice(0); // the browser's own word for 404
      });

      it('takes a picture that is pasted or dropped as a new one', async () => {
        for (const how of ['paste', 'drop'] as const) {
          const before = page.url();
          const bytes = [...(await photo(40, 30))];
          await page.evaluate(
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
          await page.waitForFunction((url) => location.href !== url, before);
          await page.waitForSelector('.badge', WAIT);
        }
      });

      it('says what is wrong with a file that is none, and with a thread that is not there', async () => {
        await page.click('#new');
        const file = (name: string, mimeType: string) => ({ name, mimeType, buffer: Buffer.from('words') });
        await page.setInputFiles('#file', file('a.txt', 'text/plain'));
        expect(await page.textContent('#start-error')).toContain('not a picture');
        await page.setInputFiles('#file', file('a.png', 'image/png'));
        await page.waitForSelector('article.refusal', WAIT);
        await page.click('#another');
        await page.waitForSelector('#drop');
        await page.goto(`${web.base}/#00000000-0000-4000-8000-000000000000`);
        await page.waitForSelector('#start-error:has-text("not here")', WAIT);
        errors.splice(0); // the browser's own word for 404
      });
    });

    describe.each([
      [1440, 900],
      [1280, 720],
      [390, 844],
    ])('in a window of %i by %i', (width, height) => {
      it('lets one move a thing, remove another, compare and take the picture home, without typing', async () => {
        const touch = width < 500;
        const visit = await browser.newContext({
          ...{ viewport: { width, height }, hasTouch: touch, isMobile: touch },
        });
        const tab = watch(await visit.newPage());
        /** The canvas has most of the window, and the picture fills it in one dimension. */
        const roomy = async (): Promise<void> => {
          const [stage, shown] = [
            (await tab.locator('#stage').boundingBox())!,
            (await tab.locator('#shown').boundingBox())!,
          ];
          expect(stage.height / height).toBeGreaterThanOrEqual(0.55);
          expect(Math.max(shown.width / stage.width, shown.height / stage.height)).toBeGreaterThan(0.99);
          const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
          expect(wide).toBeLessThanOrEqual(width);
          const cut = await tab
            .locator('header a, header button, header .model')
            .evaluateAll((all) =>
              all
                .filter((e) => e.getBoundingClientRect().right > innerWidth || e.scrollWidth > e.clientWidth)
                .map((e) => e.outerHTML),
            );
          expect(cut).toEqual([]);
        };
        const press = async (x: number, y: number) =>
          touch ? await tab.touchscreen.tap(x, y) : await tab.mouse.click(x, y);
        await tab.goto(web.base);
        const began = Date.now();
        await upload(tab);
        await roomy();
        const [from, to] = [await at(0.75, 0.25, tab), await at(0.6, 0.35, tab)];
        if (touch) {
          const hand = await fingers(tab);
          await press(...from);
          await tab.waitForSelector('.badge.chosen');
          // everything that can be done is in sight
          const bar = await tab.locator('.bar').evaluate((e) => e.scrollWidth - e.clientWidth);
          expect(bar).toBeLessThanOrEqual(0);
          await hand.down(from);
          for (let i = 1; i <= 4; i++)
            await hand.move([from[0] + ((to[0] - from[0]) * i) / 4, from[1] + ((to[1] - from[1]) * i) / 4]);
          await hand.up();
        } else {
          await tab.mouse.move(...from);
          await tab.mouse.down();
          await tab.mouse.move(...to, { steps: 4 });
          await tab.mouse.up();
        }
        await done('move 2', tab);
        await roomy();
        await press(...(await at(0.25, 0.8, tab)));
        await tab.click('.bar >> text=Remove');
        await done('remove 3', tab);
        // the number means another thing now, which nobody has selected
        expect(await selected(tab)).toEqual([]);
        await roomy();
        await tab.hover('#compare');
        await tab.mouse.down();
        await tab.waitForSelector('.peek');
        await tab.mouse.up();
        await tab.click('#download');
        const coming = tab.waitForEvent('download');
        await tab.click('.sheet >> text=The picture');
        await coming;
        expect(Date.now() - began).toBeLessThan(60_000);
        expect(await violations(tab)).toEqual([]);
        await visit.close();
      });
    });

    it('makes items of what is pointed at, boxed or drawn, before anything is learned', async () => {
      const tab = watch(await context.newPage());
      await tab.goto(web.base);
      const circle = '<svg width="160" height="120"><circle cx="40" cy="30" r="14" fill="#d9381e"/></svg>';
      const buffer = await sharp(await photo(160, 120))
        .composite([{ input: Buffer.from(circle) }])
        .png()
        .toBuffer();
      await tab.setInputFiles('#file', { name: 'p.png', mimeType: 'image/png', buffer });
      await tab.waitForSelector('.badge', WAIT);
      const badges = (count: number) =>
        tab.waitForFunction((n) => document.querySelectorAll('.badge').length === n, count, WAIT);
      await tab.click('text=Add another');
      await tab.mouse.click(...(await at(0.25, 0.25, tab)));
      await badges(5);
      await tab.waitForSelector('.badge.chosen:has-text("5 red item")', WAIT);
      expect(await mine(tab)).toEqual(['select here 25% 25%']);
      // the middle of the canvas, in a box that is drawn by keys
      await tab.keyboard.press('Escape');
      await tab.keyboard.press('p');
      await tab.keyboard.press(' ');
      for (let i = 0; i < 3; i++) await tab.keyboard.press('Shift+ArrowRight');
      await tab.keyboard.press('Shift+ArrowDown');
      await tab.waitForSelector('.marks .trail', { state: 'attached' });
      await tab.keyboard.press('Escape');
      await tab.click('text=Add another');
      await tab.click('text=Draw its outline');
      await tab.waitForSelector('#mask.ready', WAIT);
      await tab.mouse.move(...(await at(0.6, 0.7, tab)));
      await tab.mouse.down();
      await tab.mouse.move(...(await at(0.8, 0.7, tab)), { steps: 4 });
      await tab.mouse.up();
      await tab.click('#done');
      await badges(6);
      expect((await mine(tab)).at(-1)).toBe('new item');
      expect(await tab.locator('#question').count()).toBe(0); // what was drawn is selected
      await tab.keyboard.press('Escape');
      expect(await tab.textContent('#question')).toContain('the things you want to change');
      await tab.close();
    });

    it('pinches and slides with fingers', async () => {
      const phone = await browser.newContext({
        ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
      });
      const tab = watch(await phone.newPage());
      await tab.goto(web.base);
      await upload(tab);
      const hand = await fingers(tab);
      const width = async () => (await tab.locator('#shown').boundingBox())!.width;
      const before = await width();
      await hand.down([150, 250], [240, 250]);
      await hand.move([100, 250], [290, 250]);
      await hand.move([60, 250], [330, 250]);
      await hand.up();
      expect(await width()).toBeGreaterThan(before * 2);
      const left = (await tab.locator('#shown').boundingBox())!.x;
      await hand.down([200, 250]);
      await hand.move([230, 250]);
      await hand.move([280, 250]);
      await hand.up();
      expect((await tab.locator('#shown').boundingBox())!.x).not.toBe(left);
      expect(await tab.locator('article.mine').count()).toBe(0);
      await phone.close();
    });

    it('logs no error', () => {
      expect(errors).toEqual([]);
    });
  },
  120_000,
);
