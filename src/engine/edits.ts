import { UserError } from './errors.js';
import {
  growItem,
  mergeItems,
  moveItem,
  removeItem,
  reshapeItem,
  resizeItem,
  shrinkItem,
  splitItem,
  swapItems,
} from './masks/edits.js';
import { areasOf, requireItem } from './masks/labelMap.js';
import { boundsOf, centroidOf, emptyMask, maskOf, union } from './masks/mask.js';
import { dilate, outerEdgeBand } from './masks/morphology.js';
import type { LabelMap, Mask } from './raster.js';

/** What can be asked of a picture. Items are 0-based labels; lengths are pixels of the picture. */
export type Edit =
  | { readonly kind: 'replace'; readonly item: number; readonly prompt: string }
  | { readonly kind: 'augment'; readonly item: number; readonly words: string }
  | { readonly kind: 'blend'; readonly item: number; readonly prompt: string; readonly amount: number }
  | { readonly kind: 'remove'; readonly item: number }
  | { readonly kind: 'move'; readonly item: number; readonly dx: number; readonly dy: number }
  | { readonly kind: 'moveTo'; readonly item: number; readonly x: number; readonly y: number }
  | { readonly kind: 'resize'; readonly item: number; readonly scale: number }
  | { readonly kind: 'swap'; readonly a: number; readonly b: number }
  | { readonly kind: 'reshape'; readonly item: number; readonly mask: Mask }
  | { readonly kind: 'grow'; readonly item: number; readonly pixels: number }
  /** One item, named and prompted as `a`, of two. */
  | { readonly kind: 'merge'; readonly a: number; readonly b: number }
  /** Its separate pieces as items of their own; the largest keeps the number. */
  | { readonly kind: 'split'; readonly item: number }
  | { readonly kind: 'imagine'; readonly item: number; readonly words: string }
  | { readonly kind: 'reconstruct' };

/** What an item's pixels listen to. */
export type ItemPrompt =
  | { readonly kind: 'text'; readonly text: string }
  /** The learned tokens of the associated item with this label, and words after them. */
  | { readonly kind: 'learned'; readonly item: number; readonly words?: string }
  /** Between the two in the text encoder's output space: (1 − amount)·from + amount·to. */
  | { readonly kind: 'blend'; readonly from: ItemPrompt; readonly to: ItemPrompt; readonly amount: number };

export interface Item {
  readonly name: string;
  readonly prompt: ItemPrompt;
}

/** An edit worked out: what the picture's items will be and which pixels may change. */
export interface EditPlan {
  /** Every item's pixels afterwards; a removed item's label stays empty. */
  readonly labels: LabelMap;
  readonly items: readonly Item[];
  /** Generated anew. */
  readonly active: Mask;
  /** The band around it: frozen for the first strength·N steps, then free to blend in. */
  readonly soft: Mask;
}

export interface PlanOptions {
  /** Width of the soft band. */
  readonly edge: number;
  /** How far the active region reaches past an item's outline, so that no fringe of the old item stays. */
  readonly margin: number;
}

/**
 * @throws UserError when the item is not there or the edit leaves some item without a pixel
 */
export function planEdit(
  labels: LabelMap,
  items: readonly Item[],
  edit: Exclude<Edit, { kind: 'imagine' }>,
  { edge, margin }: PlanOptions,
): EditPlan {
  const around = (region: Mask, after: LabelMap, changed: readonly Item[]): EditPlan => {
    const active = dilate(region, margin);
    return { labels: after, items: changed, active, soft: outerEdgeBand(active, edge) };
  };
  const reshaped = (after: LabelMap, moved: readonly number[]): EditPlan => {
    // what changes hands, and the items that are drawn anew in their new places
    let region: Mask = { ...labels, data: labels.data.map((label, i) => Number(label !== after.data[i])) };
    for (const item of moved) region = union(region, maskOf(after, item));
    return around(region, after, items);
  };
  /** Pixels change hands, none changes its colour. */
  const relabelled = (after: LabelMap, changed: readonly Item[]): EditPlan => {
    const none = emptyMask(labels.width, labels.height);
    return { labels: after, items: changed, active: none, soft: none };
  };
  const prompted = (item: number, changed: Partial<Item>): EditPlan => {
    requireItem(labels, item);
    return around(maskOf(labels, item), labels, items.with(item, { ...items[item]!, ...changed }));
  };

  switch (edit.kind) {
    case 'replace': {
      requireItem(labels, edit.item);
      const item: Item = { name: nameOf(edit.prompt), prompt: { kind: 'text', text: edit.prompt } };
      const roomy = withRoom(labels, edit.item);
      return around(maskOf(roomy, edit.item), roomy, items.with(edit.item, item));
    }
    case 'augment': {
      requireItem(labels, edit.item);
      return prompted(edit.item, { prompt: withWords(items[edit.item]!, edit.words) });
    }
    case 'blend': {
      requireItem(labels, edit.item);
      const [from, to] = [items[edit.item]!.prompt, { kind: 'text', text: edit.prompt } as const];
      return prompted(edit.item, { prompt: { kind: 'blend', from, to, amount: edit.amount } });
    }
    case 'remove':
      requireItem(labels, edit.item);
      return around(maskOf(labels, edit.item), removeItem(labels, edit.item), items);
    case 'move':
      return reshaped(moveItem(labels, edit.item, edit.dx, edit.dy), [edit.item]);
    case 'moveTo': {
      if (edit.x >= labels.width || edit.y >= labels.height) {
        throw new UserError(
          `${edit.x},${edit.y} lies outside the picture: it is ${labels.width} wide and ${labels.height} high`,
        );
      }
      requireItem(labels, edit.item);
      const centre = centroidOf(maskOf(labels, edit.item))!;
      return reshaped(moveItem(labels, edit.item, edit.x - centre.x, edit.y - centre.y), [edit.item]);
    }
    case 'resize':
      return reshaped(resizeItem(labels, edit.item, edit.scale), [edit.item]);
    case 'swap':
      return reshaped(swapItems(labels, edit.a, edit.b), [edit.a, edit.b]);
    case 'reshape':
      return reshaped(reshapeItem(labels, edit.item, edit.mask), [edit.item]);
    case 'grow': {
      const after =
        edit.pixels >= 0
          ? growItem(labels, edit.item, edit.pixels)
          : shrinkItem(labels, edit.item, -edit.pixels);
      return reshaped(after, [edit.item]);
    }
    case 'merge': {
      const [kept, gone] = [Math.min(edit.a, edit.b), Math.max(edit.a, edit.b)];
      const merged = mergeItems(labels, [kept, gone]);
      return relabelled(merged, items.with(kept, items[edit.a]!));
    }
    case 'split': {
      const after = splitItem(labels, edit.item);
      const added = areasOf(after).length - items.length;
      return relabelled(after, [...items, ...Array<Item>(added).fill(items[edit.item]!)]);
    }
    case 'reconstruct': {
      const everything = emptyMask(labels.width, labels.height);
      everything.data.fill(1);
      return { labels, items, active: everything, soft: emptyMask(labels.width, labels.height) };
    }
  }
}

/**
 * Another thing has another outline: the item is widened to the ellipse around its box, at the cost of the largest
 * other item (the ground) alone. An item that is the largest itself stays as it is.
 */
function withRoom(labels: LabelMap, item: number): LabelMap {
  const areas = areasOf(labels);
  const ground = areas.indexOf(Math.max(...areas));
  if (item === ground) return labels;
  const { left, top, width, height } = boundsOf(maskOf(labels, item))!;
  const [cx, cy] = [left + width / 2 - 0.5, top + height / 2 - 0.5];
  const data = labels.data.map((label, i) => {
    if (label !== ground) return label;
    const [dx, dy] = [
      ((i % labels.width) - cx) / (width / 2),
      (Math.floor(i / labels.width) - cy) / (height / 2),
    ];
    return dx * dx + dy * dy <= ROOM ? item : label;
  });
  return { ...labels, data };
}

/** Squared radius of the ellipse in half-sides of the box: it passes a little outside the sides' middles. */
const ROOM = 1.2;

/** "a golden retriever" is listed as "golden retriever". */
const nameOf = (prompt: string): string =>
  prompt
    .replace(/^(?:an?|the|some) /i, '')
    .replace(/\s+/g, ' ')
    .slice(0, 40);

function withWords({ prompt }: Item, words: string): ItemPrompt {
  if (prompt.kind === 'learned') return { ...prompt, words: [prompt.words, words].filter(Boolean).join(' ') };
  // colours and looks come before a noun: "a cat" made red is "a red cat"
  if (prompt.kind === 'text') {
    const [, article = '', noun = ''] = /^((?:an?|the) )?(.*)$/i.exec(prompt.text) ?? [];
    return { kind: 'text', text: `${article}${words} ${noun}` };
  }
  throw new UserError('this item is a blend: replace it with words first, then change its looks');
}
