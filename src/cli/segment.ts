import { resolveSegmenter } from '../app/checkpoints.js';
import { decodePicture, Editor, openSegmenter } from '../engine/editor.js';
import { writeSegmentation } from './segmentFiles.js';

/** `dedit segment`: overlay.png, labels.png and items.json; needs no checkpoint. */
export async function runSegment(
  image: string,
  { out, segmenter }: { out: string; segmenter?: string },
): Promise<void> {
  const by = segmenter === undefined ? undefined : openSegmenter(resolveSegmenter(segmenter));
  const { picture } = await decodePicture(image);
  const scene = await Editor.cut(picture, undefined, by);
  await writeSegmentation(out, scene);
  for (const [i, { name }] of scene.items.entries()) console.log(`${i + 1} ${name}`);
}
