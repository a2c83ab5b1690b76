import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photo } from '../../support/conversation.js';
import { Firefox, firefoxIsThere } from '../../support/firefox.js';
import { openWeb } from '../../support/webChat.js';

const ENTER = '\uE007';
const DELETE = '\uE017';

describe.skipIf(!firefoxIsThere())(
  'the page in Firefox',
  () => {
    let web: Awaited<ReturnType<typeof openWeb>>;
    let firefox: Firefox;
    const dir = mkdtempSync(join(tmpdir(), 'dedit-picture-'));
    beforeAll(async () => {
      web = await openWeb({ web: { rate: [1000, 1000] } });
      firefox = await Firefox.open(1280, 720);
    }, 120_000);
    afterAll(async () => {
      await firefox?.close();
      await web?.close();
      rmSync(dir, { recursive: true, force: true });
    });

    const count = (selector: string) => `document.querySelectorAll(${JSON.stringify(selector)}).length`;
    /** What was said is done, and what is on the picture can be pointed at again. */
    const done = (words: string) =>
      firefox.until(
        `document.querySelector('#stage[aria-busy=false]') && !document.querySelector('#progress') &&
        [...document.querySelectorAll('article.result')].some((e) => e.textContent.includes(${JSON.stringify(words)}))`,
      );
    /** A point of the picture, in shares of it. */
    const at = async (x: number, y: number): Promise<[number, number]> => {
      const box = await firefox.value<{ x: number; y: number; width: number; height: number }>(
        `document.querySelector('#shown').getBoundingClientRect()`,
      );
      return [box.x + box.width * x, box.y + box.height * y];
    };

    it('cuts, moves, replaces, removes, outlines and downloads', async () => {
      await firefox.goto(web.base);
      await firefox.until(count('#file'));
      const file = join(dir, 'p.png');
      writeFileSync(file, await photo(64, 48));
      await firefox.putFile('#file', file);
      await firefox.until(`${count('.badge')} === 4 && ${count('#stage[aria-busy=false]')}`);

      await firefox.drag(await at(0.75, 0.25), await at(0.65, 0.25), await at(0.5, 0.25));
      await done('move 2 left 16');
      await firefox.drag(await at(0.25, 0.75));
      await firefox.until(count('.badge[aria-pressed=true]'));
      await firefox.keys('r');
      await firefox.until(`document.activeElement.id === 'prompt'`);
      await firefox.keys(...'a cat', ENTER);
      await done('replace 3 with a cat');
      await firefox.keys(DELETE);
      await done('remove 3');
      await firefox.until(`${count('.badge')} === 3`);

      await firefox.drag(await at(0.5, 0.25));
      await firefox.until(count('.bar'));
      await firefox.value(
        `[...document.querySelectorAll('.bar button')].find((b) => b.textContent.includes('Outline')).click()`,
      );
      await firefox.until(count('#mask.ready'));
      await firefox.drag(await at(0.1, 0.8), await at(0.2, 0.8), await at(0.3, 0.8));
      await firefox.until(`!document.querySelector('#done').disabled`);
      await firefox.value(`document.querySelector('#done').click()`);
      await done('reshape 2');

      const picture = `fetch(document.querySelector('.frame:last-of-type img').src).then((r) => r.headers.get('content-type'))`;
      expect(await firefox.value(picture)).toBe('image/webp');
      expect(firefox.errors).toEqual([]);
    });
  },
  120_000,
);
