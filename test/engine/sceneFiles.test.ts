import { describe, expect, it } from 'vitest';
import { SceneFiles } from '../../src/engine/process/sceneFiles.js';

const scene = (value: number) => ({
  picture: { width: 40, height: 30, data: new Uint8Array(40 * 30 * 3).fill(value) },
  labels: { width: 40, height: 30, data: new Uint8Array(40 * 30) },
  items: [{ name: 'wall', prompt: { kind: 'learned', item: 0 } as const }],
});

describe('a scene that was written', () => {
  it('is gone on with as it is in memory, also from a copy of its file', async () => {
    const files = new SceneFiles();
    const one = scene(70);
    const stored = await files.write(one);
    const again = await files.read({ ...stored, picture: new Uint8Array(stored.picture) });
    expect(again.picture).toBe(one.picture);
  });

  it('is read from its file when another one was written after it', async () => {
    const files = new SceneFiles();
    const [first, second] = [scene(70), scene(71)];
    const [stored] = [await files.write(first), await files.write(second)];
    const again = await files.read(stored);
    expect(again.picture).not.toBe(first.picture);
    expect(again.picture).toEqual(first.picture);
  });

  it('of another engine is read from its file', async () => {
    const one = scene(70);
    const again = await new SceneFiles().read(await new SceneFiles().write(one));
    expect(again.picture).not.toBe(one.picture);
    expect(again.picture).toEqual(one.picture);
  });
});
