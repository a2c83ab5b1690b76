/** Learning a picture's items, and those of its references together with them. */
import { resizeRaster } from '../compositing/resize.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { associate } from '../finetune/associate.js';
import type { AssociationCallbacks, AssociationOptions, StepsTaken } from '../finetune/options.js';
import { frameOf } from './frame.js';
import { learnedItems, type Scene, withLearned } from './scene.js';

/** A scene with what was learned of it just now. */
export interface Taught extends Scene {
  readonly steps: StepsTaken;
}

/** The scene, and its references, with what was learned; what was learned of the scene before goes on. */
export async function learnedFrom(
  pipeline: Pipeline,
  scene: Scene,
  options: AssociationOptions,
  callbacks: AssociationCallbacks,
): Promise<Taught> {
  const { learned: before, references = {} } = scene;
  const order = referenceOrder(references);
  const pictures = [scene, ...order.map((letter) => references[letter]!)];
  const total = pictures.reduce((sum, { items }) => sum + items.length, 0);
  const subjects = [];
  for (const { picture, labels, items } of pictures) {
    const frame = frameOf(pipeline, picture);
    const resized = await resizeRaster(picture, frame.width, frame.height);
    subjects.push({ latents: await pipeline.encodePicture(resized), labels, items: items.length });
  }
  const goesOn = before && before.items < total ? before : undefined;
  const { learned, steps } = await associate(pipeline, subjects, options, callbacks, goesOn);
  let first = scene.items.length;
  const named = order.map((letter) => {
    const reference = references[letter]!;
    const at = first;
    first += reference.items.length;
    return [letter, { ...reference, items: learnedItems(reference, at) }] as const;
  });
  const known = { ...withLearned(scene, learned), steps };
  return named.length > 0 ? { ...known, references: Object.fromEntries(named) } : known;
}

/** References whose items were learned before, in the order of their tokens, and then the others by letter. */
function referenceOrder(references: Readonly<Record<string, Scene>>): string[] {
  const first = (letter: string): number => {
    const prompt = references[letter]!.items[0]!.prompt;
    return prompt.kind === 'learned' ? prompt.item : Infinity;
  };
  return Object.keys(references).sort((a, b) =>
    first(a) === first(b) ? (a < b ? -1 : 1) : first(a) - first(b),
  );
}
