/** What is filled: drawn scenes with known ground, and holes over photographs. */
import { SCENES, scene } from './scenes.js';

/** Photograph, the hole's middle as shares of width and height, its area as a share of the picture. */
const PHOTOGRAPHS = [
  ['chelsea', 0.14, 0.8, 0.04],
  ['chelsea', 0.55, 0.16, 0.03],
  ['chelsea', 0.9, 0.3, 0.05],
  ['coffee', 0.86, 0.25, 0.06],
  ['coffee', 0.12, 0.85, 0.05],
  ['coffee', 0.8, 0.7, 0.03],
  ['astronaut', 0.6, 0.1, 0.04],
  ['astronaut', 0.07, 0.6, 0.03],
  ['astronaut', 0.3, 0.8, 0.04],
  ['rocket', 0.35, 0.35, 0.08],
  ['rocket', 0.6, 0.72, 0.04],
  ['rocket', 0.8, 0.5, 0.03],
  ['motorcycle_left', 0.15, 0.9, 0.04],
  ['motorcycle_left', 0.85, 0.15, 0.04],
  ['motorcycle_left', 0.3, 0.2, 0.02],
  ['brick', 0.5, 0.5, 0.08],
  ['brick', 0.75, 0.3, 0.12],
  ['gravel', 0.5, 0.5, 0.1],
  ['gravel', 0.3, 0.7, 0.15],
  ['grass', 0.5, 0.4, 0.12],
  ['grass', 0.7, 0.7, 0.06],
  ['china', 0.5, 0.12, 0.08],
  ['china', 0.25, 0.75, 0.05],
  ['china', 0.72, 0.85, 0.03],
  ['flower', 0.15, 0.3, 0.1],
  ['flower', 0.85, 0.8, 0.06],
];

/** The same, for judging: settings were chosen on the others, with these looked at beside. */
const HELD = [
  ['coins', 0.5, 0.5, 0.04],
  ['camera', 0.75, 0.85, 0.06],
  ['camera', 0.15, 0.3, 0.05],
  ['motorcycle_right', 0.8, 0.85, 0.05],
  ['ihc', 0.3, 0.4, 0.06],
  ['hubble_deep_field', 0.6, 0.4, 0.05],
  ['retina', 0.35, 0.6, 0.04],
  ['moon', 0.5, 0.5, 0.06],
  ['china', 0.85, 0.3, 0.05],
  ['flower', 0.45, 0.5, 0.04],
  ['coffee', 0.5, 0.92, 0.04],
  ['astronaut', 0.62, 0.35, 0.04],
  ['rocket', 0.2, 0.85, 0.05],
  ['chelsea', 0.3, 0.5, 0.03],
];

/** @returns names of all cases of these sizes, drawn ones first, held-out ones last */
export function caseNames(sizes) {
  return [
    ...sizes.flatMap(([width, height]) => SCENES.map((name) => `${name}-${width}x${height}`)),
    ...numbered('photo', PHOTOGRAPHS),
    ...numbered('held', HELD),
  ];
}

const numbered = (word, list) => list.map(([name], i) => `${word}${String(i + 1).padStart(2, '0')}-${name}`);

/**
 * @param photograph name -> {width, height, data} RGB
 * @returns truth, picture (with an item in the hole where it is drawn) and hole; `item` and `shade` for drawn ones
 */
export async function makeCase(name, photograph) {
  const drawn = /^(\w+)-(\d+)x(\d+)$/.exec(name);
  if (drawn) {
    const made = scene(drawn[1], Number(drawn[2]), Number(drawn[3]));
    return { ...made, hole: made.item.map((value, i) => value | made.shade[i]) };
  }
  const [, group, number] = /^(photo|held)(\d+)/.exec(name);
  const index = Number(number) - 1;
  const [file, cx, cy, share] = (group === 'held' ? HELD : PHOTOGRAPHS)[index];
  const { width, height, data } = await photograph(file);
  const hole = blob(width, height, cx * width, cy * height, share * width * height, index);
  return { width, height, truth: data, picture: data, hole };
}

/** A round thing with bays and bulges of about this area. */
function blob(width, height, cx, cy, area, seed) {
  const radius = Math.sqrt(area / Math.PI);
  const hole = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const angle = Math.atan2(y - cy, x - cx);
      const bulge = 1 + 0.18 * Math.sin(3 * angle + seed) + 0.12 * Math.sin(5 * angle + 2.3 * seed);
      hole[y * width + x] = Number(Math.hypot(x - cx, y - cy) < radius * bulge);
    }
  }
  return hole;
}
