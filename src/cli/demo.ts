import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT, resolveCheckpoint } from '../app/checkpoints.js';
import { parseEdit } from '../commands/index.js';
import {
  decodePicture,
  drawStrip,
  Editor,
  encodePng,
  exactly,
  pixels,
  type Scene,
} from '../engine/editor.js';
import { writeSegmentation } from './segmentFiles.js';
import { Stopwatch } from './stopwatch.js';

export interface DemoFlags {
  readonly finetuneSteps?: readonly [number, number];
}

/** What a photograph's own pixels answer, each beside the original. */
const PHOTOGRAPH = [
  'make everything but the person black and white',
  'blur everything but the person',
  'remove 3',
];
const SENTENCES = ['replace 2 with a panda', 'remove 3'];

/**
 * A photograph by its own pixels, within seconds; then one picture through everything: cut, learn, replace an item by
 * words, remove another.
 */
export async function runDemo({ finetuneSteps }: DemoFlags = {}): Promise<void> {
  const out = join(process.cwd(), 'demo', 'out');
  mkdirSync(out, { recursive: true });
  const watch = new Stopwatch();
  const save = async (name: string, { picture }: Scene): Promise<void> =>
    writeFileSync(join(out, name), await encodePng(picture));

  await editPhotograph(out, watch);

  const editor = Editor.open(resolveCheckpoint('pocket'));
  const { picture } = await decodePicture(join(PACKAGE_ROOT, 'examples', 'scene.png'));
  watch.lap('open the pocket checkpoint and the picture');

  const cut = await editor.segment(picture);
  await writeSegmentation(out, cut);
  watch.lap(`segment: ${cut.items.length} items`);

  let loss = 0;
  const taught = await editor.associate(cut, finetuneSteps ? exactly(finetuneSteps) : {}, {
    onProgress: (progress) => {
      loss = progress.loss;
    },
  });
  const { taken, of } = taught.steps;
  watch.lap(`associate: ${taken} of ${of} steps, last loss ${loss.toFixed(4)}`);

  await save('reconstruction.png', await editor.edit(taught, { kind: 'reconstruct' }));
  watch.lap('reconstruct');

  const frames = [picture];
  let scene: Scene = taught;
  for (const [i, text] of SENTENCES.entries()) {
    scene = await editor.edit(scene, parseEdit(text, { ...picture, items: scene.items }));
    frames.push(scene.picture);
    await save(`${i + 1}-${text.split(' ')[0]}.png`, scene);
    watch.lap(text);
  }
  writeFileSync(join(out, 'strip.png'), await encodePng(await drawStrip(frames)));
  watch.total();
  console.log(`pictures are in ${out}`);
}

/** Nothing is learned and no checkpoint opened. */
async function editPhotograph(out: string, watch: Stopwatch): Promise<void> {
  const { picture } = await decodePicture(join(PACKAGE_ROOT, 'examples', 'astronaut.jpg'));
  const cut = await pixels.cut(picture);
  watch.lap(`a photograph, cut: ${cut.items.length} items`);
  const frames = [picture];
  for (const text of PHOTOGRAPH) {
    const drawn = await pixels.draft(cut, parseEdit(text, { ...picture, items: cut.items }));
    frames.push(drawn!.picture);
    watch.lap(text);
  }
  writeFileSync(join(out, 'photograph.png'), await encodePng(await drawStrip(frames)));
  const person = cut.items.findIndex(({ name }) => name === 'person');
  writeFileSync(join(out, 'photograph-cut-out.png'), await pixels.cutOut(cut, [person]));
  watch.lap('cut out the person');
}
