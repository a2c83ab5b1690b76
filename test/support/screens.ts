import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { keptFolder } from '../fixtures.js';

/** How the screens looked when somebody last looked at them: as small as still shows what lies where. */
const KEPT = new URL('../fixtures/screens/', import.meta.url);
const WIDTH = 160;
/** Mean difference of two screens, and of any block of theirs, in levels of 255: fonts may differ, places may not. */
const MEAN = 5;
const BLOCK = 48;
const SIDE = 8;

async function small(png: Uint8Array): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(png)
    .flatten({ background: 'white' })
    .resize({ width: WIDTH, kernel: 'cubic' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/**
 * What is different from the screen as it is kept; undefined when nothing is. With SCREENS=write it is kept anew:
 * look at it before it is committed.
 */
export async function difference(page: Page, name: string): Promise<string | undefined> {
  const shot = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' });
  const file = fileURLToPath(new URL(`${name}.png`, KEPT));
  const now = await small(shot);
  if (process.env.SCREENS === 'write') {
    mkdirSync(fileURLToPath(KEPT), { recursive: true });
    const { data, ...size } = now;
    const png = sharp(data, { raw: { ...size, channels: 3 } }).png({
      palette: true,
      colours: 64,
      effort: 10,
    });
    writeFileSync(file, await png.toBuffer());
    return undefined;
  }
  if (!existsSync(file)) return `${name}: there is none kept (SCREENS=write keeps it)`;
  const kept = await small(readFileSync(file));
  if (kept.height !== now.height) return `${name}: ${now.height} rows instead of ${kept.height}`;
  const { mean, worst } = distance(kept.data, now.data, now.width, now.height);
  if (mean <= MEAN && worst.by <= BLOCK) return undefined;
  const seen = join(keptFolder(), `screen-${name}.png`);
  writeFileSync(seen, shot); // to be looked at
  const [x, y] = [worst.x, worst.y].map((at) => Math.round((at / WIDTH) * 100));
  return `${name}: differs by ${mean.toFixed(1)}, most by ${worst.by.toFixed(0)} at ${x}, ${y} (per cent of the width): ${seen}`;
}

function distance(a: Buffer, b: Buffer, width: number, height: number) {
  let sum = 0;
  let worst = { by: 0, x: 0, y: 0 };
  for (let top = 0; top < height; top += SIDE)
    for (let left = 0; left < width; left += SIDE) {
      let [block, pixels] = [0, 0];
      for (let y = top; y < Math.min(height, top + SIDE); y++)
        for (let x = left; x < Math.min(width, left + SIDE); x++, pixels += 3)
          for (let i = 3 * (y * width + x), end = i + 3; i < end; i++) block += Math.abs(a[i]! - b[i]!);
      sum += block;
      if (block / pixels > worst.by) worst = { by: block / pixels, x: left, y: top };
    }
  return { mean: sum / a.length, worst };
}
