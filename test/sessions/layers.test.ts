import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packLayers, unpackLayers } from '../../src/engine/editor.js';
import type { Layer } from '../../src/engine/edits/index.js';
import { openChat } from '../support/conversation.js';

const [WIDTH, HEIGHT] = [64, 48];
/** Four quarters of four colours, as the fake engine cuts them. */
const COLOURS = [
  [90, 160, 60],
  [200, 60, 40],
  [40, 70, 200],
  [230, 220, 60],
] as const;
const quarters = Buffer.alloc(WIDTH * HEIGHT * 3);
for (let i = 0; i < WIDTH * HEIGHT; i++) {
  const quarter = (i < (WIDTH * HEIGHT) / 2 ? 0 : 2) + (i % WIDTH < WIDTH / 2 ? 0 : 1);
  quarters.set(COLOURS[quarter]!, i * 3);
}

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'dedit-layers-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

it('layers are the same after they were a file', async () => {
  const alpha = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
  const data = Uint8Array.from({ length: 36 }, (_, i) => (i * 37) % 256);
  const box = { left: -2, top: 5, width: 4, height: 3 };
  const layers: Layer[] = [
    { item: 3, cutout: { box, alpha, foreground: { width: 4, height: 3, data } } },
    { item: 1, cutout: { box, alpha: alpha.toReversed(), foreground: { width: 4, height: 3, data } } },
  ];
  expect(await unpackLayers((await packLayers(layers))!)).toEqual(layers);
  expect(await packLayers([])).toBeUndefined();
});

it('what an item covered comes to light again after a restart', async () => {
  const picture = await sharp(quarters, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .png()
    .toBuffer();
  /** The colour of the place that the copy covers: the right half of the tree. */
  const colour = async (chat: Awaited<ReturnType<typeof openChat>>): Promise<number[]> => {
    const { picture: shown } = chat.platform.in('t').findLast(({ kind }) => kind === 'result')!;
    const { data } = await sharp(shown!.png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return [...data.subarray(3 * (40 * WIDTH + 40), 3 * (40 * WIDTH + 40) + 3)];
  };
  const first = await openChat({ dataDir });
  await first.upload('t', 'ann', picture);
  await first.settled();
  await first.ask('copy 3 right 30%');
  expect(await colour(first)).toEqual(COLOURS[2]);
  await first.ask('copy 5 up 30%'); // so that some of item 5 is seen when it goes back
  const { bytes } = await first.dedit.sessions.prisma.session.findFirstOrThrow();
  expect(bytes).toBeGreaterThan(0n);
  await first.close();

  const second = await openChat({ dataDir });
  const [answer] = await second.ask('put 5 behind 4');
  expect(answer!.kind).toBe('result');
  expect(await colour(second)).toEqual(COLOURS[3]);
  await second.close();
});
