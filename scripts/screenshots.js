// Makes docs/images/page-*.png: runs dedit with pocket on a picture, talks to it in a browser and photographs the page.
//   node scripts/screenshots.js [--to DIR] [--all] [PICTURE]     (after npm run prepare; Chromium at /usr/bin/chromium or
// $CHROMIUM). --all takes every screen there is, to be looked at; without it, those that the documentation shows.
/* global console, document */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { openPage } from './pageInBrowser.js';

const { values: flags, positionals } = parseArgs({
  options: { to: { type: 'string', default: 'docs/images' }, all: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const PICTURE = positionals[0] ?? 'examples/unicorn.png';
const MOST_BYTES = 250 * 1024;
const MINUTES = 60_000;
/** What the documentation shows. */
const SHOWN = new Set(['page-overlay', 'page-mask', 'page-compare', 'page-phone', 'page-dark']);

const { base, browser, close } = await openPage({ CHECKPOINTS: 'pocket' });

/** What is drawn in few colours is small; the smallest that fits is not needed, the best that fits is. */
async function shoot(page, name) {
  if (!flags.all && !SHOWN.has(name)) return;
  await page.waitForTimeout(400);
  const png = await page.screenshot();
  for (const colours of [256, 128, 64]) {
    const small = await sharp(png).png({ palette: true, colours, effort: 10 }).toBuffer();
    if (small.length > MOST_BYTES && colours > 64) continue;
    writeFileSync(join(flags.to, `${name}.png`), small);
    console.log(`${name}.png: ${Math.round(small.length / 1024)} KiB`);
    return;
  }
}

const say = async (page, text) => {
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
};
const results = (page, count) =>
  page.waitForFunction((n) => document.querySelectorAll('article.result').length >= n, count, {
    timeout: 10 * MINUTES,
  });
const quiet = (page) => page.waitForSelector('#progress', { state: 'hidden', timeout: 10 * MINUTES });
const onPicture = async (page, x, y) => {
  const box = await page.locator('#shown').boundingBox();
  return [box.x + box.width * x, box.y + box.height * y];
};
const select = async (page, item) => {
  await page.focus(`.badge >> nth=${item - 1}`);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.bar');
};

/** From the empty gallery to a thread with edits, variants and a branch. */
async function desktop(context) {
  const page = await context.newPage();
  await page.goto(base);
  await page.waitForSelector('.samples img');
  await shoot(page, 'page-first');
  await page.setInputFiles('#file', PICTURE);
  await page.waitForSelector('.badge', { timeout: MINUTES });
  await shoot(page, 'page-question');
  await select(page, 2);
  await shoot(page, 'page-overlay');
  await page.click('.bar >> text=More');
  await shoot(page, 'page-more');
  await page.click('.bar >> text=Outline');
  await page.waitForSelector('#mask.ready');
  await page.mouse.move(...(await onPicture(page, 0.45, 0.62)));
  await page.mouse.down();
  await page.mouse.move(...(await onPicture(page, 0.54, 0.5)), { steps: 10 });
  await page.mouse.move(...(await onPicture(page, 0.58, 0.34)), { steps: 10 });
  await page.mouse.up();
  await shoot(page, 'page-mask');
  await page.keyboard.press('Escape');

  await say(page, 'replace 2 with a panda');
  await page.waitForSelector('#progress');
  await shoot(page, 'page-working');
  await results(page, 1);
  await say(page, 'move 3 left 20%');
  await results(page, 2);
  await quiet(page);
  await page.keyboard.press('Escape');
  await shoot(page, 'page-compare');
  await say(page, 'again 4');
  await page.waitForSelector('.tile >> nth=3', { timeout: 10 * MINUTES });
  await say(page, 'wibble 2');
  await page.waitForSelector('article.refusal');
  await quiet(page);
  await shoot(page, 'page-variants');
  await page.click('#download');
  await shoot(page, 'page-download');
  await page.keyboard.press('Escape');
  await say(page, 'help');
  await page.waitForSelector('.help');
  await shoot(page, 'page-help');
  return page.url();
}

/** The same thread on a telephone. */
async function telephone(storageState, url, colorScheme) {
  const context = await browser.newContext({
    ...{ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
    ...{ storageState, colorScheme },
  });
  const page = await context.newPage();
  await page.goto(base);
  await page.waitForSelector('#threads img');
  await shoot(page, 'page-phone-gallery');
  await page.goto(url);
  await page.waitForSelector('.badge');
  await shoot(page, 'page-phone-plain');
  await page.touchscreen.tap(...(await onPicture(page, 0.5, 0.5)));
  await page.waitForSelector('.bar');
  await shoot(page, 'page-phone');
  await page.click('.bar >> text=Replace…');
  await shoot(page, 'page-phone-prompt');
  await context.close();
}

async function dark(storageState, url) {
  const context = await browser.newContext({
    ...{ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', storageState },
  });
  const page = await context.newPage();
  await page.goto(base);
  await page.waitForSelector('#threads img');
  await shoot(page, 'page-dark-gallery');
  await page.goto(url);
  await page.waitForSelector('.badge');
  await select(page, 2);
  await shoot(page, 'page-dark');
  await context.close();
}

try {
  mkdirSync(flags.to, { recursive: true });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  const url = await desktop(context);
  const state = await context.storageState();
  await telephone(state, url, 'light');
  await dark(state, url);
} finally {
  await close();
}
