/** COCO's words for things and stuff, as people say them. */

/** What has no instances, since there is one sky: COCO panoptic's 53, as `plainName` has them. */
const STUFF = new Set([
  ...[
    'banner',
    'blanket',
    'bridge',
    'cardboard',
    'counter',
    'curtain',
    'door',
    'wood floor',
    'flower',
    'fruit',
  ],
  ...['gravel', 'house', 'light', 'mirror', 'net', 'pillow', 'platform', 'playingfield', 'railroad', 'river'],
  ...['road', 'roof', 'sand', 'sea', 'shelf', 'snow', 'stairs', 'tent', 'towel', 'brick wall', 'stone wall'],
  ...[
    'tile wall',
    'wood wall',
    'water',
    'window blind',
    'window',
    'tree',
    'fence',
    'ceiling',
    'sky',
    'cabinet',
  ],
  ...[
    'table',
    'floor',
    'pavement',
    'mountain',
    'grass',
    'dirt',
    'paper',
    'food',
    'building',
    'rock',
    'rug',
    'wall',
  ],
]);

export const isStuff = (name: string): boolean => STUFF.has(name);

/** Labels that DETR never learned. */
const NOTHING = /^(?:N\/A|LABEL_\d+)$/;

/** "sky-other-merged" is sky, "wall-brick" a brick wall; undefined for what is no name. */
export function plainName(label: string): string | undefined {
  if (NOTHING.test(label)) return undefined;
  const words = label.toLowerCase().replace(/-(?:other|merged|stuff)\b/g, '');
  return words
    .replace(/^(wall|floor)-(.+)$/, '$2 $1')
    .replaceAll('-', ' ')
    .trim();
}

/** Other words that people have for COCO's. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  person: [
    'man',
    'woman',
    'boy',
    'girl',
    'child',
    'people',
    'men',
    'women',
    'children',
    'human',
    'guy',
    'lady',
  ],
  motorcycle: ['motorbike'],
  bicycle: ['bike'],
  airplane: ['plane', 'aeroplane'],
  boat: ['ship'],
  handbag: ['bag', 'purse'],
  'sports ball': ['ball'],
  'wine glass': ['glass'],
  couch: ['sofa'],
  'potted plant': ['plant'],
  'dining table': ['table'],
  tv: ['television', 'screen', 'monitor'],
  'cell phone': ['phone', 'mobile'],
  donut: ['doughnut'],
  'hot dog': ['hotdog'],
  refrigerator: ['fridge'],
  'teddy bear': ['teddy'],
  dirt: ['earth', 'ground'],
  grass: ['lawn', 'meadow'],
  sea: ['ocean'],
  rug: ['carpet'],
  road: ['street'],
  pavement: ['sidewalk'],
  mountain: ['hill'],
  tree: ['forest'],
  cat: ['kitten'],
  dog: ['puppy'],
};

/** All that a thing of this name may be called, its own name first. */
export const namesOf = (name: string): readonly string[] => [name, ...(ALSO[name] ?? [])];
