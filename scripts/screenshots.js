// Makes docs/images/page-*.png: runs dedit with pocket on a picture, talks to it in a browser and photographs the page.
//   node scripts/screenshots.js [PICTURE]     (after npm run prepare; Chromium at /usr/bin/chromium or $CHROMIUM)
/* global console, document */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const PICTURE = process.argv[2] ?? 'examples/unicorn.png';
const MOST_BYTES = 250 * 1024;
const MINUTES = 60_000;

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = server.address();
    server.close(() => resolve(free));
  });
});
const dataDir = mkdtempSync(join(tmpdir(), 'dedit-screenshots-'));
const dedit = spawn(process.execPath, ['bin/dedit.js', 'start'], {
  env: {
    ...process.env,
    DATA_DIR: dataDir,
    WEB_PORT: String(port),
    LOG_LEVEL: 'error',
    CHECKPOINTS: 'pocket',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});

/** What is drawn in few colours is small; the smallest that fits is not needed, the best that fits is. */
async function shoot(page, name) {
  const png = await page.screenshot();
  for (const colours of [256, 128, 64]) {
    const small = await sharp(png).png({ palette: true, colours, effort: 10 }).toBuffer();
    if (small.length > MOST_BYTES && colours > 64) continue;
    writeFileSync(`docs/images/${name}.png`, small);
    console.log(`docs/images/${name}.png: ${Math.round(small.length / 1024)} KiB`);
    return;
  }
}

try {
  await new Promise((resolve, reject) => {
    dedit.stdout.once('data', resolve);
    dedit.once('exit', (status) => reject(new Error(`dedit ended with ${status}`)));
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  const page = await context.newPage();
  const say = async (text) => {
    await page.fill('#text', text);
    await page.press('#text', 'Enter');
  };
  const onPicture = async (x, y) => {
    const box = await page.locator('#shown').boundingBox();
    return [box.x + box.width * x, box.y + box.height * y];
  };
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.setInputFiles('#file', PICTURE);
  await page.waitForSelector('.badge', { timeout: MINUTES });
  await page.focus('.badge >> nth=1');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.bar');
  await page.waitForTimeout(500);
  await shoot(page, 'page-overlay');

  await page.click('.bar >> text=Outline');
  await page.waitForSelector('#mask.ready');
  await page.mouse.move(...(await onPicture(0.45, 0.62)));
  await page.mouse.down();
  await page.mouse.move(...(await onPicture(0.54, 0.5)), { steps: 10 });
  await page.mouse.move(...(await onPicture(0.58, 0.34)), { steps: 10 });
  await page.mouse.up();
  await page.waitForTimeout(300);
  await shoot(page, 'page-mask');
  await page.keyboard.press('Escape');

  await say('replace 2 with a panda');
  await page.waitForSelector('article.result', { timeout: 10 * MINUTES });
  await say('replace 3 with a heart');
  await page.waitForFunction(() => document.querySelectorAll('article.result').length === 2, null, {
    timeout: MINUTES,
  });
  await page.waitForSelector('#progress', { state: 'hidden' });
  await page.keyboard.press('Escape');
  await page.waitForTimeout(1000);
  await shoot(page, 'page-compare');
} finally {
  await browser.close();
  dedit.removeAllListeners('exit');
  dedit.kill();
  await new Promise((resolve) => (dedit.exitCode === null ? dedit.once('exit', resolve) : resolve()));
  rmSync(dataDir, { recursive: true, force: true });
}
