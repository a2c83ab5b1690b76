/**
 * How long a person waits in a new thread, on every platform, with the engine that people use: from the picture to its numbered
 * items, and from the words to the first edited picture on the screen. By `npm run bench:first`, on a quiet machine; with
 * LEARN=eager the items are being learned from the first words on.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveCheckpoint } from '../../src/app/checkpoints.js';
import { Dedit } from '../../src/app/dedit.js';
import { NICENESS } from '../../src/app/service.js';
import type { PlatformName } from '../../src/bot/platform.js';
import { EngineHost } from '../../src/engine/process/host.js';
import { putDatabase } from '../support/database.js';
import { canPlay, type Person, people } from '../support/people.js';

/** The picture, brought to two megapixels. */
const PICTURE = process.env.DEDIT_FIRST;
const PIXELS = 2e6;
/** Lazy, as on a CPU, unless said otherwise. */
const LEARN = process.env.LEARN === 'eager' ? 'eager' : 'lazy';
const WORDS = ['remove 2', 'make 1 blue'];

describe.skipIf(!PICTURE)('the first edit', () => {
  let close = async (): Promise<void> => {};
  afterEach(() => close());

  it.each(Object.keys(people) as PlatformName[])(
    '%s',
    async (name) => {
      if (!canPlay(name)) return;
      const dir = mkdtempSync(join(tmpdir(), 'dedit-first-'));
      await putDatabase(dir);
      const dedit = await Dedit.open({
        ...{ dataDir: dir, checkpoints: ['pocket'], learn: LEARN },
        engine: (name, part) =>
          new EngineHost({ checkpoint: resolveCheckpoint(name), niceness: NICENESS[part] }),
        maskLink: (session, item) => `http://localhost/mask/${session}.${item}`,
      });
      const person: Person = await people[name](dedit, join(dir, 'out'));
      await dedit.serve([person.platform]);
      close = async () => {
        await dedit.close();
        await person.close();
        rmSync(dir, { recursive: true, force: true });
      };
      const seen = async (text: string): Promise<number> => {
        const from = performance.now();
        await expect
          .poll(() => person.seen().catch(() => ''), { timeout: 60_000, interval: 20 })
          .toContain(text);
        return (performance.now() - from) / 1000;
      };
      const image = sharp(readFileSync(PICTURE!));
      const { width, height } = await image.metadata();
      const scale = Math.sqrt(PIXELS / (width * height));
      const picture = await image
        .resize(Math.round(width * scale))
        .jpeg({ quality: 92 })
        .toBuffer();

      const times: string[] = [];
      // the first picture also starts the engine's process and compiles its graphs; a bot has done that long ago
      for (const round of ['just started', 'running']) {
        await person.attach(picture);
        times.push(`${round}: items after ${(await seen('I see')).toFixed(1)} s`);
        for (const words of WORDS) {
          await person.say(words);
          times.push(`"${words}" after ${(await seen(`: ${words}`)).toFixed(1)} s`);
        }
        if (name === 'terminal') break; // one thread
      }
      console.log(`${name}: ${times.join(', ')}`);
    },
    300_000,
  );
});
