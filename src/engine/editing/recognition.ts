/** Whether what words asked for is what the checkpoint's own scorer sees in a drawing. */
import type { Vocabulary } from '../checkpoint/scorer.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import type { Item } from '../edits/index.js';
import { areaOf, maskOf } from '../masks/mask.js';
import { calledBy } from '../segmentation/naming/calledBy.js';
import { Scorer } from '../segmentation/naming/scorer.js';
import { seer } from '../segmentation/naming/views.js';
import type { Verdict } from './candidates.js';
import type { Scene } from './scene.js';
import { thingIn } from './thingIn.js';

/**
 * What a drawing shows is as likely as this, in colours and in grey, where the scorer agrees most with people who name drawings
 * without being told: 86 % of 64 drawings by two readers (training/scorer/README.md).
 */
const SURE = Math.log(0.65);

/**
 * A judge of drawings in which these items are new, by those of them that the scorer has a word for; undefined where there
 * are none.
 * @param isCut the drawings' labels are the things' outlines, and not places with some ground around them
 */
export function recognition(
  { checkpoint, sessions }: Pipeline,
  items: readonly Item[],
  isCut = false,
): ((drawing: Scene) => Promise<Verdict>) | undefined {
  const { scorer: part } = checkpoint;
  if (!part) return undefined;
  const { things, unknown } = part.vocabulary;
  const asked = items.flatMap((item) => {
    const thing = thingOf(item, part.vocabulary);
    return thing ? [{ item, at: things.indexOf(thing) }] : [];
  });
  if (asked.length === 0) return undefined;
  const scorer = new Scorer(part, sessions);
  const prompts = [...things.map(({ prompt }) => prompt), unknown];
  return async ({ picture, labels, items: now }) => {
    const seen = seer(scorer, picture, prompts);
    let [recognised, likeness] = [true, 0];
    for (const { item, at } of asked) {
      const place = maskOf(labels, now.indexOf(item));
      if (areaOf(place) === 0) continue;
      const { own, shape } = await seen(isCut ? place : await thingIn(picture, labels, place));
      recognised &&= own[at]! >= SURE && shape[at]! >= SURE;
      likeness += own[at]! + shape[at]!;
    }
    return { recognised, likeness };
  };
}

/** Which of the things that the scorer knows an item is to be; a blend is none. */
function thingOf({ name, prompt }: Item, { things }: Vocabulary) {
  if (prompt.kind === 'blend') return undefined;
  return calledBy(prompt.kind === 'text' ? prompt.text : name, things);
}
