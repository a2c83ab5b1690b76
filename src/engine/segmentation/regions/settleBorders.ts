/**
 * Superpixels cut corners: near a border each pixel goes with those around it that look like it. Joint bilateral votes
 * (J. Kopf et al., "Joint Bilateral Upsampling", SIGGRAPH 2007), a few rounds of them.
 */
import type { LabelMap } from '../../raster.js';
import { borderOf } from '../../masks/borders.js';
import { areasOf } from '../../masks/labelMap.js';
import { distanceTo } from '../../masks/distance.js';
import type { LabPicture } from '../lab.js';

const ROUNDS = 3;
/** Pixels so near to a border have a choice, between the labels in a window of so many pixels each way. */
const NEAR = 3;
const WINDOW = 4;
/** Deviations of the votes' weights: in pixels, and in CIELAB units. */
const SPACE = 2.5;
const COLOUR = 6;
/** Colours further apart than this many deviations do not vote. */
const CUT = 3.5;

const WEIGHT_OF_SQUARE = Float32Array.from({ length: Math.ceil((CUT * COLOUR) ** 2) }, (_, square) =>
  Math.exp(-(square + 0.5) / (2 * COLOUR * COLOUR)),
);

/** @param labels of the working picture's size */
export function settleBorders(labels: LabelMap, lab: LabPicture): LabelMap {
  let now = labels;
  for (let round = 0; round < ROUNDS; round++) now = vote(now, lab);
  // nothing that was there is voted away
  return areasOf(labels).every((area, k) => area === 0 || now.data.includes(k)) ? now : labels;
}

function vote(labels: LabelMap, { width, height, data: colours }: LabPicture): LabelMap {
  const border = distanceTo(borderOf(labels));
  const data = Uint8Array.from(labels.data);
  const votes = new Float32Array(areasOf(labels).length);
  for (let i = 0; i < data.length; i++) {
    if (border[i]! >= NEAR) continue;
    const x = i % width;
    const y = (i - x) / width;
    votes.fill(0);
    const [left, right] = [Math.max(0, x - WINDOW), Math.min(width - 1, x + WINDOW)];
    const bottom = Math.min(height - 1, y + WINDOW);
    for (let ny = Math.max(0, y - WINDOW); ny <= bottom; ny++) {
      const closeness = CLOSENESS[Math.abs(ny - y)]!;
      for (let nx = left, j = ny * width + left; nx <= right; nx++, j++) {
        const l = colours[i * 3]! - colours[j * 3]!;
        const a = colours[i * 3 + 1]! - colours[j * 3 + 1]!;
        const b = colours[i * 3 + 2]! - colours[j * 3 + 2]!;
        const square = l * l + a * a + b * b;
        if (square < WEIGHT_OF_SQUARE.length) {
          const likeness = WEIGHT_OF_SQUARE[Math.floor(square)]!;
          votes[labels.data[j]!]! += likeness * CLOSENESS[Math.abs(nx - x)]! * closeness;
        }
      }
    }
    let best = labels.data[i]!;
    for (let label = 0; label < votes.length; label++) if (votes[label]! > votes[best]!) best = label;
    data[i] = best;
  }
  return { width, height, data };
}

const CLOSENESS = Float32Array.from({ length: WINDOW + 1 }, (_, d) =>
  Math.exp(-(d * d) / (2 * SPACE * SPACE)),
);
