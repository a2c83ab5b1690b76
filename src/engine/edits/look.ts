import { type Cutout, eachInside } from '../draft/cutout.js';
import { applyLook } from '../draft/looks.js';
import { type Look, lookOf } from '../draft/lookWords.js';
import { matte } from '../draft/matte.js';
import { UserError } from '../errors.js';
import { requireItem } from '../masks/labelMap.js';
import { maskOf } from '../masks/mask.js';
import { type DraftPicture, type PictureEditKind, sameItems } from './kind.js';
import { relabelled } from './regions.js';

/** Other colours, other light or another focus for some items or, with `others`, for everything else. */
export interface LookEdit {
  readonly kind: 'look';
  readonly items: readonly number[];
  readonly others: boolean;
  /** As `lookOf` understands them. */
  readonly words: string;
}

export const look: PictureEditKind<LookEdit> = {
  kind: 'look',
  needs: 'nothing',
  itemsAfter: sameItems,
  withItems: (edit, now) => ({ ...edit, items: edit.items.map(now) }),
  plan({ labels, items }, edit) {
    for (const item of edit.items) requireItem(labels, item);
    return relabelled(labels, items);
  },
  async draft(before, { items, others, words }) {
    const wanted = lookOf(words);
    if (!wanted) throw new UserError(`"${words}" is no colour and no light: say for example "make 3 red"`);
    const weights = weightsOf(before, items);
    if (others) for (let i = 0; i < weights.length; i++) weights[i] = 255 - weights[i]!;
    const layers = (before.layers ?? []).map((layer) =>
      items.includes(layer.item) === others ? layer : { ...layer, cutout: looking(layer.cutout, wanted) },
    );
    return { ...before, picture: applyLook(before.picture, weights, wanted), layers };
  },
};

/** What is covered looks the same as what is seen of it. */
function looking(cutout: Cutout, wanted: Look): Cutout {
  const whole = new Uint8Array(cutout.alpha.length).fill(255);
  return { ...cutout, foreground: applyLook(cutout.foreground, whole, wanted) };
}

/** How much of each pixel belongs to the items, 0–255. */
function weightsOf({ picture, labels }: DraftPicture, items: readonly number[]): Uint8Array {
  const weights = new Uint8Array(labels.data.length);
  for (const item of items) {
    const { box, alpha } = matte(picture, maskOf(labels, item));
    eachInside(box, picture, (from, to) => {
      weights[to] = Math.min(255, weights[to]! + alpha[from]!);
    });
  }
  return weights;
}
