import { resolveCheckpoint, resolveSegmenter } from '../app/checkpoints.js';
import { decodePicture, Editor, openSegmenter, pixels } from '../engine/editor.js';
import { writeSegmentation } from './segmentFiles.js';
import { cutWanted } from './wanted.js';

export interface SegmentFlags {
  readonly out: string;
  readonly segmenter?: string;
  readonly items?: string;
  readonly checkpoint: string;
}

/** `dedit segment`: overlay.png, labels.png and items.json; needs a checkpoint only to look for what words name. */
export async function runSegment(
  image: string,
  { out, segmenter, items, checkpoint }: SegmentFlags,
): Promise<void> {
  const folder = segmenter === undefined ? undefined : resolveSegmenter(segmenter);
  const { picture } = await decodePicture(image);
  const scene =
    items === undefined
      ? await pixels.cut(picture, undefined, folder === undefined ? undefined : openSegmenter(folder))
      : await cutWanted(
          Editor.open(resolveCheckpoint(checkpoint), folder === undefined ? {} : { segmenter: folder }),
          picture,
          items,
        );
  await writeSegmentation(out, scene);
  for (const [i, { name }] of scene.items.entries()) console.log(`${i + 1} ${name}`);
}
