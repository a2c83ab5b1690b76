/**
 * What the page weighs and how soon it is there, on this machine over loopback, with pocket and examples/astronaut.jpg.
 *
 *     npm run bench:page      (Chromium at /usr/bin/chromium or $CHROMIUM)
 *
 * First load: bytes over the wire, headers and all, of the start page without a cache. Interactive: from the navigation's
 * start until the page can be used (its own script has drawn the field for a picture, which listens from then on),
 * median of seven visits in a new context each. A thread of ten pictures: bytes of opening it again without a cache.
 */
/* global document, performance, addEventListener, MutationObserver, requestAnimationFrame */
import { openPage } from '../scripts/pageInBrowser.js';

const PICTURE = 'examples/astronaut.jpg';
const VISITS = 7;
const PATIENCE = { timeout: 600_000 };

const { base, browser, close } = await openPage({ LEARN: 'lazy' });

/** Bytes over the wire from now on, nothing coming from a cache. */
async function counted(page) {
  const client = await page.context().newCDPSession(page);
  let bytes = 0;
  await client.send('Network.enable');
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  client.on('Network.dataReceived', ({ encodedDataLength }) => (bytes += encodedDataLength));
  client.on('Network.responseReceived', ({ response }) => (bytes += response.encodedDataLength));
  return () => bytes;
}

async function visit() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const bytes = await counted(page);
  await page.addInitScript(() => {
    const look = () => {
      if (!document.querySelector('#file')) return;
      seen.disconnect();
      requestAnimationFrame(() => (globalThis.usable = performance.now()));
    };
    const seen = new MutationObserver(look);
    addEventListener('DOMContentLoaded', look);
    seen.observe(document, { childList: true, subtree: true });
  });
  await page.goto(base);
  await page.waitForSelector('.samples img');
  await page.waitForLoadState('networkidle');
  const usable = await page.evaluate(() => globalThis.usable);
  await context.close();
  return { bytes: bytes(), usable };
}

async function tenPictures() {
  const page = await (await browser.newContext()).newPage();
  await page.goto(base);
  await page.setInputFiles('#file', PICTURE);
  await page.waitForSelector('.badge', PATIENCE);
  for (let i = 1; i < 10; i++) {
    await page.fill('#text', `make 2 ${i % 2 ? 'darker' : 'brighter'}`);
    await page.press('#text', 'Enter');
    await page.waitForFunction((n) => document.querySelectorAll('article.result').length >= n, i, PATIENCE);
  }
  const url = page.url();
  await page.goto('about:blank');
  const bytes = await counted(page);
  await page.goto(url);
  await page.waitForFunction(() => document.querySelectorAll('.frame img').length === 10);
  await page.waitForSelector('.badge');
  await page.waitForLoadState('networkidle');
  return bytes();
}

try {
  const visits = [];
  for (let i = 0; i < VISITS; i++) visits.push(await visit());
  const usable = visits.map((one) => one.usable).sort((a, b) => a - b);
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(`first load           ${kB(visits[0].bytes)}`);
  console.log(
    `interactive          ${Math.round(usable[VISITS >> 1])} ms (${Math.round(usable[0])}–${Math.round(usable.at(-1))})`,
  );
  console.log(`ten pictures again   ${kB(await tenPictures())}`);
} finally {
  await close();
}
