/** What a hole may be filled from. */
import { heirsOf } from '../masks/distance.js';
import { MAX_LABELS, nothingLeft } from '../masks/labelMap.js';
import { emptyMask, requireSameSize } from '../masks/mask.js';
import type { LabelMap, Mask } from '../raster.js';

/**
 * Where the hole may be filled from: the pixels of the items that inherit it under D-Edit's nearest re-partition
 * (arXiv 2403.04880, process_remain_mask), never those of the items that left.
 *
 * @param labels every pixel's item before the edit
 * @param gone items whose pixels are never copied
 * @throws UserError when no other item is left
 */
export function sourcesOf(labels: LabelMap, hole: Mask, gone: readonly number[] = []): Mask {
  requireSameSize(labels, hole);
  const stays = new Uint8Array(MAX_LABELS).fill(1);
  for (const item of gone) stays[item] = 0;
  const sources = emptyMask(labels.width, labels.height);
  if (!hole.data.includes(1)) return sources;
  const heirs = heirsOf(labels, hole, stays, hole);
  if (!heirs) throw nothingLeft();
  const inherits = new Uint8Array(MAX_LABELS);
  const { box } = heirs;
  for (let y = 0, i = 0; y < box.height; y++) {
    let at = (box.top + y) * labels.width + box.left;
    for (const end = i + box.width; i < end; i++, at++) if (hole.data[at]) inherits[heirs.labels[i]!] = 1;
  }
  const [own, free] = [labels.data, sources.data];
  for (let i = 0; i < free.length; i++) free[i] = (hole.data[i]! ^ 1) & inherits[own[i]!]!;
  return sources;
}
