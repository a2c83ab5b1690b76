import { wantedItems } from '../commands/wanted.js';
import type { Editor, Scene } from '../engine/editor.js';
import type { Raster } from '../engine/raster.js';

/** The picture cut so that what a list names ("dog, ball") is among its items; says what is not. */
export async function cutWanted(editor: Editor, picture: Raster, list: string): Promise<Scene> {
  const { words, remarks } = wantedItems(list);
  const { remarks: found, ...scene } = await editor.segmentFor(picture, words);
  for (const remark of [...remarks, ...found]) console.log(`${remark}.`);
  return scene;
}
