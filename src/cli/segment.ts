import { decodePicture, Editor } from '../engine/editor.js';
import { writeSegmentation } from './segmentFiles.js';

/** `dedit segment`: overlay.png, labels.png and items.json; needs no checkpoint. */
export async function runSegment(image: string, { out }: { out: string }): Promise<void> {
  const { picture } = await decodePicture(image);
  const scene = await Editor.cut(picture);
  await writeSegmentation(out, scene);
  for (const [i, { name }] of scene.items.entries()) console.log(`${i + 1} ${name}`);
}
