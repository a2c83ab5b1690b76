import { emptyMask, union } from '../masks/mask.js';
import { outerEdgeBand } from '../masks/morphology.js';
import type { Mask } from '../raster.js';
import {
  type CutPicture,
  type DraftPicture,
  type EditPlan,
  answeredBy,
  inventedBy,
  type ItemSource,
  neededBy,
  type PictureEditKind,
  type PlanOptions,
} from './kind.js';

/** Several edits of one picture as one: what has to be drawn is drawn in one sampling, each item by its own prompt. */
export interface Together<E> {
  readonly kind: 'together';
  /** Items are those of the picture before all of them; what is done later lies over what was done before. */
  readonly edits: readonly E[];
}

/** @param kindOf what is known of each of them */
export const together = <E extends { readonly kind: string }>(
  kindOf: (edit: E) => PictureEditKind<E>,
): PictureEditKind<Together<E>> => ({
  kind: 'together',
  needs: ({ edits }) =>
    edits.some((edit) => neededBy(kindOf(edit), edit) === 'learning') ? 'learning' : 'nothing',
  invents: ({ edits }) => edits.some((edit) => inventedBy(kindOf(edit), edit)),
  itemsAfter(items, { edits }) {
    const stay = new Set(items.keys());
    for (const edit of edits) {
      const left = kindOf(edit).itemsAfter([...items.keys()], edit);
      if (!left) return undefined;
      for (const item of stay) if (!left.includes(item)) stay.delete(item);
    }
    return items.filter((_, item) => stay.has(item));
  },
  withItems: (edit, now) => ({
    ...edit,
    edits: edit.edits.map((one) => kindOf(one).withItems(one, now)),
  }),
  sources: ({ edits }) => edits.flatMap((edit): readonly ItemSource[] => kindOf(edit).sources?.(edit) ?? []),
  plan(before, { edits }, options) {
    let at: CutPicture = before;
    let active = emptyMask(before.labels.width, before.labels.height);
    for (const edit of edits) {
      const plan = kindOf(edit).plan(at, edit, options);
      active = union(active, plan.active);
      at = { ...at, labels: plan.labels, items: plan.items };
    }
    return { labels: at.labels, items: at.items, active, soft: outerEdgeBand(active, options.edge) };
  },
  answers: ({ edits }) => edits.every((edit) => answeredBy(kindOf(edit), edit)),
  draft: async (before, edit, _plan, seed) =>
    (await answered(before, edit, kindOf, { edge: 0, margin: 0 }, seed)).picture,
});

/**
 * What the picture's own pixels answer of several edits, one after the other, and what is left to be drawn.
 * @returns the picture with the items as they are after all of them, and where it is still to be drawn
 */
export async function answered<E extends { readonly kind: string }>(
  before: DraftPicture,
  { edits }: Together<E>,
  kindOf: (edit: E) => PictureEditKind<E>,
  options: PlanOptions,
  seed: number,
): Promise<{ readonly picture: DraftPicture; readonly left: Mask }> {
  let at = before;
  let left = emptyMask(before.labels.width, before.labels.height);
  for (const edit of edits) {
    const kind = kindOf(edit);
    const plan: EditPlan = kind.plan(at, edit, options);
    const draft = answeredBy(kind, edit) ? await kind.draft!(at, edit, plan, seed) : undefined;
    if (!draft) left = union(left, plan.active);
    // what an item covers is no longer known where that item is another thing
    const layers = (at.layers ?? []).filter(({ item }) => plan.items[item] === at.items[item]);
    at = {
      ...(draft ?? { picture: at.picture, labels: plan.labels, items: plan.items, layers }),
      references: before.references,
    };
  }
  return { picture: at, left };
}
