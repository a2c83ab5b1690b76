import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { readMaskToken, maskLink } from '../src/bot/web/maskLink.js';
import { networkOf } from '../src/bot/web/http.js';
import { decodePicture } from '../src/engine/compositing/decode.js';
import { UserError } from '../src/engine/errors.js';

/** Seconds for each target: one in CI, more by `npm run fuzz`. */
const SECONDS = Number(process.env.DEDIT_FUZZ_SECONDS ?? 1);
const SEED = Number(process.env.DEDIT_FUZZ_SEED ?? 20261124);

/** Park and Miller's generator: a run can be told by its seed. */
function generator(seed: number): (below: number) => number {
  let state = seed % 2147483647 || 1;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

/** Tries until the time is up. What fails names its seed: DEDIT_FUZZ_SEED=… repeats it first. */
async function fuzz(attempt: (random: (below: number) => number) => Promise<void> | void): Promise<number> {
  const end = performance.now() + SECONDS * 1000;
  let runs = 0;
  for (let seed = SEED; performance.now() < end || runs === 0; seed++, runs++) {
    try {
      await attempt(generator(seed));
    } catch (error) {
      throw new Error(`DEDIT_FUZZ_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  return runs;
}

/** Some bytes changed, cut out, doubled or cut off. */
function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  let made = Buffer.from(bytes);
  for (let times = 1 + random(8); times > 0 && made.length > 0; times--) {
    const at = random(made.length);
    const length = Math.min(random(64), made.length - at);
    const kind = random(4);
    if (kind === 0) made[at] = random(256);
    else if (kind === 1) made = Buffer.concat([made.subarray(0, at), made.subarray(at + length)]);
    else if (kind === 2) made = Buffer.concat([made.subarray(0, at + length), made.subarray(at)]);
    else made = made.subarray(0, at);
  }
  return made;
}

describe('nothing a stranger sends is more than a sentence', () => {
  let pictures: [string, Buffer][] = [];
  beforeAll(async () => {
    const made = sharp({
      create: { width: 48, height: 32, channels: 3, background: { r: 200, g: 90, b: 40 } },
    });
    const formats = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const;
    pictures = await Promise.all(
      formats.map(
        async (format) => [format, await made.clone().toFormat(format).toBuffer()] as [string, Buffer],
      ),
    );
  });

  it.each([0, 1, 2, 3, 4, 5])('picture bytes, format %i', async (which) => {
    const [format, bytes] = pictures[which]!;
    const runs = await fuzz(async (random) => {
      try {
        const { picture } = await decodePicture(mutate(bytes, random));
        expect(picture.data.length).toBe(picture.width * picture.height * 3);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    });
    console.log(`${format}: ${runs} files`);
  });

  it('mask tokens: only the one that was signed is read', async () => {
    const secret = 'a secret of sixteen characters';
    const link = maskLink(secret, { session: 's', user: 'u', item: 1 }, 'http://x');
    const token = link.slice(link.lastIndexOf('/') + 1);
    await fuzz((random) => {
      const other = mutate(Buffer.from(token), random).toString();
      expect(readMaskToken(secret, other) === 'forged').toBe(other !== token);
    });
  });

  it('addresses: a network has a name whatever the address says', async () => {
    await fuzz((random) => {
      const text = Array.from({ length: random(40) }, () => '0123456789abcdef:.%'[random(19)]).join('');
      expect(networkOf(text).length).toBeLessThanOrEqual(Math.max(text.length, 19));
    });
  });
});
