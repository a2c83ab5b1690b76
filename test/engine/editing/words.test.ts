import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodePicture, Editor, pixels, type Scene } from '../../../src/engine/editor.js';
import { nameThings } from '../../../src/engine/editing/naming.js';
import { isOfItsWorld } from '../../../src/engine/editing/gauge.js';
import { areaOf, intersect, maskOf, union } from '../../../src/engine/masks/mask.js';
import type { Mask, Raster } from '../../../src/engine/raster.js';
import type { Scorer } from '../../../src/engine/segmentation/naming/scorer.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

const ROOT = join(FIXTURES, '../..');
const SIDE = 128;
const editor = Editor.open(join(ROOT, 'checkpoints/pocket'), { cacheDir: temporaryFolder() });

/** A cell of the sheets that training/reference/make_scenes.py wrote. */
async function cell<T>(file: string, space: 'srgb' | 'b-w', k: number): Promise<T> {
  const box = { left: (k % 6) * SIDE, top: Math.floor(k / 6) * SIDE, width: SIDE, height: SIDE };
  const data = await sharp(readFileSync(join(FIXTURES, 'scenes', file)))
    .extract(box)
    .toColourspace(space)
    .raw()
    .toBuffer();
  return { width: SIDE, height: SIDE, data } as T;
}

describe('a scene of things that pocket knows', () => {
  /** Water, a guitar, an umbrella, a basketball. */
  const SCENE = 1;
  let picture: Raster;
  let scene: Scene;
  let truth: Mask;
  beforeAll(async () => {
    picture = await cell('pictures.png', 'srgb', SCENE);
    scene = await editor.segment(picture);
    truth = await cell('labels.png', 'b-w', SCENE);
  });

  it('its things are called what they are', () => {
    const names = scene.items.slice(1).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['guitar']));
    expect(scene.items[0]!.name).toMatch(/background$/);
  });

  it('the denoiser finds among several guesses what the scorer does not put first', async () => {
    const { vocabulary } = editor.pipeline.checkpoint.scorer!;
    const likely = new Map([
      ['pizza', 0.3],
      ['fox', 0.2],
      ['guitar', 0.15],
    ]);
    const likelihoods = async (_view: Raster, _mask: Mask, prompts: readonly string[]) =>
      prompts.map((prompt) => likely.get(prompt.split(' ').at(-1)!) ?? 0.001);
    const guitar = { ...truth, data: truth.data.map((label) => Number(label === 1)) };
    const misled = { likelihoods } as unknown as Scorer;
    const names = await nameThings(editor.pipeline, misled, vocabulary, picture, guitar);
    expect(names).toEqual([undefined, 'guitar']);
  });

  it('what words name becomes an item, also by another name', async () => {
    const ground = { ...scene, labels: { ...scene.labels, data: new Uint8Array(SIDE * SIDE) } };
    const bare = { ...ground, items: scene.items.slice(0, 1) };
    const edit = { kind: 'mark', what: { kind: 'words', words: 'electric guitar' } } as const;
    const marked = await editor.edit(bare, edit);
    expect(marked.items.map(({ name }) => name)).toEqual([scene.items[0]!.name, 'electric guitar']);
    const found = maskOf(marked.labels, 1);
    const guitar = maskOf(truth, 1);
    expect(areaOf(intersect(found, guitar)) / areaOf(union(found, guitar))).toBeGreaterThan(0.7);
  });

  it('what words name is among the items of its cut, under that name; what is not there is told', async () => {
    const told: number[] = [];
    const words = ['electric guitar', 'pizza'];
    const { items, labels, remarks } = await editor.segmentFor(picture, words, (i) => void told.push(i));
    expect(told).toEqual([0, 1]);
    expect(remarks).toEqual(['I see no pizza here']);
    const names = items.map(({ name }) => name);
    expect(names).toContain('electric guitar');
    expect(names).not.toContain('guitar');
    const [found, guitar] = [maskOf(labels, names.indexOf('electric guitar')), maskOf(truth, 1)];
    expect(areaOf(intersect(found, guitar)) / areaOf(union(found, guitar))).toBeGreaterThan(0.7);
  });

  it('what is there already, under its own or another name, is that item', async () => {
    const item = scene.items.findIndex(({ name }) => name === 'guitar');
    const then = { kind: 'remove', item: -1 } as const;
    const edited = await editor.edit(scene, { kind: 'onFound', words: 'electric guitar', then });
    expect(edited.items.map(({ name }) => name)).toEqual(
      scene.items.filter((_, i) => i !== item).map(({ name }) => name),
    );
    await expect(
      editor.edit(scene, { kind: 'mark', what: { kind: 'words', words: 'electric guitar' } }),
    ).rejects.toThrow(`that is item ${item + 1} already`);
  });

  it.each(['pizza', 'necklace'])('there is no %s, and what there is is said', async (words) => {
    const looked = editor.edit(scene, { kind: 'mark', what: { kind: 'words', words } });
    await expect(looked).rejects.toThrow(new RegExp(`^I see no ${words}: I see 1 .*background, .*guitar`));
  });
});

it('of a photograph pocket knows nothing, and says so', async () => {
  const small = await sharp(join(ROOT, 'examples/astronaut.jpg')).resize(400).png().toBuffer();
  const { picture } = await decodePicture(small);
  const [named, plain] = [await editor.segment(picture), await pixels.cut(picture)];
  expect(named.items.map(({ name }) => name)).toEqual(plain.items.map(({ name }) => name));
  const looked = editor.edit(plain, { kind: 'mark', what: { kind: 'words', words: 'dog' } });
  await expect(looked).rejects.toThrow('I see no dog: I see 1 ');
});

it('a photograph does not become one of its world by being enlarged', async () => {
  for (const width of [400, 1200]) {
    const bytes = await sharp(join(ROOT, 'examples/astronaut.jpg')).resize(width).png().toBuffer();
    const { picture } = await decodePicture(bytes);
    expect(await isOfItsWorld(editor.pipeline, picture)).toBe(false);
  }
  expect(await isOfItsWorld(editor.pipeline, await cell('pictures.png', 'srgb', 1))).toBe(true);
});
