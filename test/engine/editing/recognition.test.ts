import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveCheckpoint } from '../../../src/app/checkpoints.js';
import { Editor } from '../../../src/engine/editor.js';
import type { Item } from '../../../src/engine/edits/index.js';
import { recognition } from '../../../src/engine/editing/recognition.js';
import type { Scene } from '../../../src/engine/editing/scene.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

const SIDE = 128;
const { pipeline } = Editor.open(resolveCheckpoint('pocket'), { cacheDir: temporaryFolder() });
const word = (text: string): Item => ({ name: text, prompt: { kind: 'text', text } });

/** The second cell of the sheets that training/reference/make_scenes.py wrote: water, a guitar, an umbrella, a basketball. */
async function drawing(blurred: number): Promise<Pick<Scene, 'picture' | 'labels'>> {
  const box = { left: SIDE, top: 0, width: SIDE, height: SIDE };
  const cell = async (file: string, space: 'srgb' | 'b-w', sigma = 0) => {
    const cut = await sharp(readFileSync(join(FIXTURES, 'scenes', file)))
      .extract(box)
      .png()
      .toBuffer();
    const image = sharp(cut).toColourspace(space);
    const data = await (sigma > 0 ? image.blur(sigma) : image).raw().toBuffer();
    return { width: SIDE, height: SIDE, data };
  };
  return {
    picture: await cell('pictures.png', 'srgb', blurred),
    labels: await cell('labels.png', 'b-w'),
  };
}

describe('the scorer that judges drawings', () => {
  const judged = async (says: string, blurred = 0) => {
    const items = ['the ground', says, 'an umbrella', 'a basketball'].map(word);
    const judge = recognition(pipeline, [items[1]!], true)!;
    return await judge({ ...(await drawing(blurred)), items } as unknown as Scene);
  };
  let guitar: Awaited<ReturnType<typeof judged>>;
  beforeAll(async () => (guitar = await judged('a guitar')));

  it('recognises what is there, by any of its names', async () => {
    expect(guitar.recognised).toBe(true);
    expect(await judged('an electric guitar')).toEqual(guitar);
  });

  it('recognises nothing else in it, and finds it less likely', async () => {
    const pizza = await judged('a pizza');
    expect(pizza.recognised).toBe(false);
    expect(pizza.likeness).toBeLessThan(guitar.likeness);
  });

  it('recognises nothing in a smear', async () => {
    expect((await judged('a guitar', 9)).recognised).toBe(false);
  });

  it('judges nothing that it has no word for', () => {
    expect(recognition(pipeline, [word('a bulldozer')])).toBeUndefined();
  });
});
