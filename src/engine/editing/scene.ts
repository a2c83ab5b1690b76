import type { Item, Layer } from '../edits/index.js';
import type { Learned } from '../families/learned.js';
import { areasOf, renumber } from '../masks/labelMap.js';
import type { LabelMap, Raster } from '../raster.js';
import { segment } from '../segmentation/segment.js';
import type { Segmenter } from '../segmentation/segmenter.js';
import { cutForWords } from '../segmentation/wanted.js';

/** A picture cut into items; the unit that everything here takes and returns. Nothing in it is ever changed. */
export interface Scene {
  readonly picture: Raster;
  readonly labels: LabelMap;
  /** One a label, in order. */
  readonly items: readonly Item[];
  readonly learned?: Learned | undefined;
  /** The whole of items that others partly cover. */
  readonly layers?: readonly Layer[] | undefined;
  /** Other pictures whose items may be used, by letter from B on; made with `Editor.reference`. */
  readonly references?: Readonly<Record<string, Scene>> | undefined;
}

/** A scene after an edit. */
export interface Edited extends Scene {
  /** What was drawn is rough: the checkpoint cannot draw a picture like this. */
  readonly rough?: true;
}

/** A scene as it was cut. */
export interface CutScene extends Scene {
  /** What was not done as it was asked for, if anything: sentences without their stops. */
  readonly remarks?: readonly string[];
}

/**
 * The picture cut so that what the words name is among its items.
 * @param words at most 7
 */
export async function cutWanted(
  picture: Raster,
  words: readonly string[],
  segmenter: Segmenter,
  onWord?: (i: number) => void,
): Promise<CutScene & Required<Pick<CutScene, 'remarks'>>> {
  const { labels, items, remarks } = await cutForWords(segmenter, picture, words, onWord);
  return { picture, labels, items: ownItems(items.map(({ name }) => name)), remarks };
}

/** Cuts the picture into at most 8 items, the ground first; or takes the label map a person drew. */
export async function cut(
  picture: Raster,
  drawn?: LabelMap,
  segmenter: Segmenter = { segment },
): Promise<CutScene> {
  if (drawn) return { picture, ...named(drawn) };
  const { items, ...found } = await segmenter.segment(picture);
  return { picture, ...found, items: ownItems(items.map(({ name }) => name)) };
}

const ownItems = (names: readonly string[]): Item[] =>
  names.map((name, item) => ({ name, prompt: { kind: 'learned', item } }));

function named(drawn: LabelMap): Pick<Scene, 'labels' | 'items'> {
  const { labels } = renumber(drawn);
  return {
    labels,
    items: ownItems(areasOf(labels).map((_, i) => (i === 0 ? 'background' : `item ${i + 1}`))),
  };
}

/** The scene with what was learned of it. */
export const withLearned = (scene: Scene, learned: Learned): Scene => ({
  ...scene,
  items: learnedItems(scene, 0),
  learned,
});

/** Items that listen to their own tokens, which are those of all learned items from `first` on. */
export const learnedItems = ({ items }: Scene, first: number): Item[] =>
  items.map(({ name }, i) => ({ name, prompt: { kind: 'learned', item: first + i } }));

/** Until they are learned with those of the picture they are used in, a reference's items are called by their names. */
export const asReference = <S extends Scene>(scene: S): S => ({
  ...scene,
  items: scene.items.map(({ name }): Item => ({ name, prompt: { kind: 'text', text: name } })),
});
