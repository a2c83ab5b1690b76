import { cropLabels, cropRaster, sampleLabels } from '../compositing/resize.js';
import { UserError } from '../errors.js';
import { areasOf, nextLabel } from '../masks/labelMap.js';
import { areaOf, boundsOf, emptyMask, requireSameSize } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { toLab } from '../segmentation/lab.js';
import { nameItems } from '../segmentation/names.js';
import { pick, type Seeds } from '../segmentation/select/pick.js';
import { type PictureEditKind, sameItems } from './kind.js';
import { relabel, relabelled } from './regions.js';

/** What was part of others becomes an item of its own, the last one. */
export interface Mark {
  readonly kind: 'mark';
  /** Its pixels, or what points at them. */
  readonly what:
    | { readonly kind: 'mask'; readonly mask: Mask }
    | { readonly kind: 'words'; readonly words: string }
    | Seeds;
  /** By its main colour when nobody named it. */
  readonly name?: string;
}

/** Room for a name and a number of its own is made when the picture itself has answered which pixels are meant. */
export const mark: PictureEditKind<Mark> = {
  kind: 'mark',
  needs: 'nothing',
  regroups: true,
  // one item more, that only the picture can tell
  itemsAfter: sameItems,
  withItems: (edit) => edit,
  plan({ labels, items }, { what, name }) {
    if (what.kind !== 'mask') return relabelled(labels, items);
    return relabelled(marked(labels, what.mask), [...items, called(name ?? 'new item')]);
  },
  answers: ({ what }) => what.kind !== 'words',
  async draft(before, { what, name }) {
    const { picture, labels, items } = before;
    if (what.kind === 'words') throw new Error('words are looked for before anything is marked (onFound.ts)');
    const mask = what.kind === 'mask' ? what.mask : await pick(picture, labels, what);
    const after = marked(labels, mask);
    const plan = relabelled(after, [...items, called(name ?? nameOf(mask, picture, items))]);
    return relabel(before, plan, []);
  },
};

const called = (name: string) => ({ name, prompt: { kind: 'text', text: name } }) as const;

/** @throws UserError when nothing is marked, or an item would be left without pixels */
function marked(labels: LabelMap, mask: Mask): LabelMap {
  requireSameSize(labels, mask);
  if (areaOf(mask) === 0) throw new UserError('nothing is marked: draw the new item first');
  const before = areasOf(labels);
  const item = nextLabel(labels);
  const after = { ...labels, data: labels.data.map((label, i) => (mask.data[i] ? item : label)) };
  const left = areasOf(after);
  const gone = before.findIndex((area, label) => area > 0 && (left[label] ?? 0) === 0);
  if (gone >= 0)
    throw new UserError(
      `that is item ${gone + 1} already: say "rename ${gone + 1} hat" to call it by another name, or point at a part of it`,
    );
  return after;
}

/** A name by colour that no other item has. */
function nameOf(mask: Mask, picture: Raster, items: readonly { readonly name: string }[]): string {
  const box = boundsOf(mask)!;
  const lab = toLab(cropRaster(picture, box));
  const pixels = sampleLabels(cropLabels(mask, box), lab);
  const name = nameItems([emptyMask(lab.width, lab.height), pixels], lab)[1]!;
  return items.some((item) => item.name === name) ? `other ${name}` : name;
}
