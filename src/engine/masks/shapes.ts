/**
 * What people do to items' shapes (D-Edit's mask-based editing, arXiv 2403.04880). Each function returns a new
 * label map with the same numbering. A moved or reshaped item lies over the others; what it uncovers goes to the
 * nearest other item. No edit may leave an item without pixels, except `removeItem` and `mergeItems`, whose purpose
 * it is.
 */
import { UserError } from '../errors.js';
import type { LabelMap, Mask } from '../raster.js';
import { areasOf, MAX_LABELS, repartition, requireItem } from './labelMap.js';
import { areaOf, boundsOf, centroidOf, emptyMask, maskOf, requireSameSize } from './mask.js';
import { connectedPieces, dilate, erode } from './morphology.js';

/** The item's pixels go to their nearest neighbours; its label stays empty until `renumber`. */
export function removeItem(labels: LabelMap, item: number): LabelMap {
  requireItem(labels, item);
  requireOthers(labels, item);
  return repartition(labels, item);
}

/** Moves an item by whole pixels (dx to the right, dy down); what leaves the picture is cut off. */
export function moveItem(labels: LabelMap, item: number, dx: number, dy: number): LabelMap {
  requireItem(labels, item);
  const moved = shifted(maskOf(labels, item), Math.round(dx), Math.round(dy));
  if (areaOf(moved) === 0) {
    throw new UserError(`item ${item + 1} would leave the picture: move it by less`);
  }
  return place(labels, [{ item, mask: moved }]);
}

/** Scales an item about its centroid: 1.5 makes it half as large again on each side. */
export function resizeItem(labels: LabelMap, item: number, scale: number): LabelMap {
  requireItem(labels, item);
  if (!(scale > 0) || !Number.isFinite(scale)) {
    throw new UserError('the new size must be more than 0%: try 50% or 150%');
  }
  const mask = maskOf(labels, item);
  const centre = centroidOf(mask)!;
  const scaled = emptyMask(mask.width, mask.height);
  const columns = Float64Array.from({ length: mask.width }, (_, x) =>
    Math.round(centre.x + (x - centre.x) / scale),
  );
  for (let y = 0; y < mask.height; y++) {
    const fromY = Math.round(centre.y + (y - centre.y) / scale);
    if (fromY < 0 || fromY >= mask.height) continue;
    for (let x = 0; x < mask.width; x++) {
      const fromX = columns[x]!;
      if (fromX < 0 || fromX >= mask.width) continue;
      scaled.data[y * mask.width + x] = mask.data[fromY * mask.width + fromX]!;
    }
  }
  if (areaOf(scaled) === 0) {
    throw new UserError(`item ${item + 1} would vanish at ${Math.round(scale * 100)}%: choose a larger size`);
  }
  return place(labels, [{ item, mask: scaled }]);
}

/** Two items change places, centroid to centroid, each keeping its shape; the smaller lies on top. */
export const swapItems = (labels: LabelMap, a: number, b: number): LabelMap =>
  place(labels, swapMoves(labels, a, b));

/** An item's way by whole pixels, and its mask there. */
interface Moved {
  readonly item: number;
  readonly dx: number;
  readonly dy: number;
  readonly mask: Mask;
}

/** What swapping two items does with each, from bottom to top. */
export function swapMoves(labels: LabelMap, a: number, b: number): Moved[] {
  requireItem(labels, a);
  requireItem(labels, b);
  if (a === b) throw new UserError(`item ${a + 1} cannot be swapped with itself: name two items`);
  const maskA = maskOf(labels, a);
  const maskB = maskOf(labels, b);
  const from = centroidOf(maskA)!;
  const to = centroidOf(maskB)!;
  const dx = Math.round(to.x - from.x);
  const dy = Math.round(to.y - from.y);
  const moves = [
    { item: a, dx, dy, mask: shifted(maskA, dx, dy) },
    { item: b, dx: -dx, dy: -dy, mask: shifted(maskB, -dx, -dy) },
  ];
  return moves.sort((p, q) => areaOf(q.mask) - areaOf(p.mask));
}

/** The item becomes exactly this mask. */
export function reshapeItem(labels: LabelMap, item: number, mask: Mask): LabelMap {
  requireItem(labels, item);
  requireSameSize(labels, mask);
  if (areaOf(mask) === 0) {
    throw new UserError(
      `the new shape of item ${item + 1} is empty: paint at least one pixel, or remove the item`,
    );
  }
  return place(labels, [{ item, mask }]);
}

/** Widens an item by `pixels` on all sides. */
export function growItem(labels: LabelMap, item: number, pixels: number): LabelMap {
  requireItem(labels, item);
  requireAmount(pixels);
  return reshapeItem(labels, item, dilate(maskOf(labels, item), pixels));
}

/** Takes `pixels` off all sides that do not lie on the picture's rim. */
export function shrinkItem(labels: LabelMap, item: number, pixels: number): LabelMap {
  requireItem(labels, item);
  requireAmount(pixels);
  const smaller = erode(maskOf(labels, item), pixels);
  if (areaOf(smaller) === 0) {
    throw new UserError(`item ${item + 1} would vanish: shrink it by less than ${pixels} px`);
  }
  return reshapeItem(labels, item, smaller);
}

/** All pixels of the named items go to the lowest of them. */
export function mergeItems(labels: LabelMap, items: readonly number[]): LabelMap {
  const chosen = new Set(items);
  for (const item of chosen) requireItem(labels, item);
  if (chosen.size < 2)
    throw new UserError('merging takes two different items: say for example "merge 2 and 5"');
  const into = Math.min(...chosen);
  return { ...labels, data: labels.data.map((label) => (chosen.has(label) ? into : label)) };
}

/**
 * Cuts an item into its connected pieces: the largest keeps the label, the others follow by area after the highest
 * label in use. Specks below `minArea` pixels go to the nearest piece.
 */
export function splitItem(
  labels: LabelMap,
  item: number,
  minArea = Math.max(4, Math.round(labels.data.length / 4000)),
): LabelMap {
  requireItem(labels, item);
  const { pieces, areas } = connectedPieces(maskOf(labels, item));
  const order = areas
    .map((area, piece) => ({ area, piece }))
    .filter(({ area, piece }) => piece > 0 && area >= minArea)
    .sort((p, q) => q.area - p.area);
  if (order.length < 2) {
    throw new UserError(
      `item ${item + 1} is in one piece: use "reshape ${item + 1}" or "select ..." to cut it`,
    );
  }
  const next = areasOf(labels).length;
  if (next + order.length - 1 > MAX_LABELS) {
    throw new UserError(`item ${item + 1} falls into ${order.length} pieces: merge or reshape it first`);
  }
  const labelOf = new Map(order.map(({ piece }, rank) => [piece, rank === 0 ? item : next + rank - 1]));
  const data = new Uint8Array(labels.data);
  const specks = emptyMask(labels.width, labels.height);
  const others = emptyMask(labels.width, labels.height);
  for (let i = 0; i < data.length; i++) {
    if (labels.data[i] !== item) {
      others.data[i] = 1;
      continue;
    }
    const label = labelOf.get(pieces[i]!);
    if (label === undefined) specks.data[i] = 1;
    else data[i] = label;
  }
  return withinItem({ ...labels, data }, specks, others);
}

/** Specks go to the nearest piece of their own item, not to another item that happens to lie closer. */
function withinItem(labels: LabelMap, specks: Mask, others: Mask): LabelMap {
  if (areaOf(specks) === 0) return labels;
  const hidden = { ...specks, data: specks.data.map((value, i) => value | others.data[i]!) };
  const filled = repartition(labels, hidden);
  return { ...labels, data: labels.data.map((label, i) => (specks.data[i] ? filled.data[i]! : label)) };
}

/** Lays items, given from bottom to top, in new places; every item of the map keeps at least one pixel. */
export function place(labels: LabelMap, moves: readonly { item: number; mask: Mask }[]): LabelMap {
  const moving = new Set(moves.map(({ item }) => item));
  if (moving.size === 1) requireOthers(labels, moves[0]!.item);
  const leaves = new Uint8Array(MAX_LABELS);
  for (const item of moving) leaves[item] = 1;
  const orphans = emptyMask(labels.width, labels.height);
  for (let i = 0; i < orphans.data.length; i++) orphans.data[i] = leaves[labels.data[i]!]!;
  const { data } = orphans.data.includes(0)
    ? repartition(labels, orphans)
    : { data: new Uint8Array(labels.data.length).fill(moves[0]!.item) }; // two items that cover all: the larger fills in
  for (const { item, mask } of moves) {
    paintIn(data, mask, item);
  }
  const result = { ...labels, data };
  const after = areasOf(result);
  areasOf(labels).forEach((area, label) => {
    if (area === 0 || (after[label] ?? 0) > 0) return;
    const doing = [...moving].map((item) => item + 1).join(' and ');
    throw new UserError(
      moving.has(label)
        ? `item ${label + 1} would be left without pixels: choose a smaller change`
        : `item ${doing} would hide item ${label + 1} completely: change it by less, or remove item ${label + 1} first`,
    );
  });
  return result;
}

function paintIn(data: Uint8Array, mask: Mask, item: number): void {
  const box = boundsOf(mask);
  if (!box) return;
  for (let y = box.top; y < box.top + box.height; y++) {
    const end = y * mask.width + box.left + box.width;
    for (let i = end - box.width; i < end; i++) if (mask.data[i]) data[i] = item;
  }
}

/** The mask moved by whole pixels; what leaves the picture is cut off. */
export function shifted(mask: Mask, dx: number, dy: number): Mask {
  const moved = emptyMask(mask.width, mask.height);
  const left = Math.max(0, dx);
  const right = Math.min(mask.width, mask.width + dx);
  if (left >= right) return moved;
  for (let y = Math.max(0, dy); y < Math.min(mask.height, mask.height + dy); y++) {
    const from = (y - dy) * mask.width - dx;
    moved.data.set(mask.data.subarray(from + left, from + right), y * mask.width + left);
  }
  return moved;
}

function requireOthers(labels: LabelMap, item: number): void {
  if (labels.data.some((label) => label !== item)) return;
  throw new UserError(`item ${item + 1} is the whole picture: select a part of it first`);
}

function requireAmount(pixels: number): void {
  if (pixels > 0 && Number.isFinite(pixels)) return;
  throw new UserError('say by how many pixels, more than 0: for example "grow 3 8"');
}
