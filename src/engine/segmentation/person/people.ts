/**
 * Whether what stands out is people. The network was made for video calls: it marks animals, boats and flowers as well,
 * which serves to cut them whole; but only a logistic regression on its features, over the marked pixels, says "person".
 */
import { readHeader, readTensor } from '../../checkpoint/safetensors.js';
import { areaOf, emptyMask } from '../../masks/mask.js';
import { connectedPieces } from '../../masks/morphology.js';
import type { Mask } from '../../raster.js';
import { JUDGE_WEIGHTS } from '../weights.js';
import type { Seen } from './person.js';

/** Marked pixels are those that are a person's rather than not. */
const MARKED = 0.5;
/** The log odds from which on it is people: animals and statues are rather left unnamed than called people. */
const SURELY = 0.25;
/** Standardised features beyond this many deviations tell nothing more. */
const FAR = 3;
/** Smaller shares of the picture are no people to edit. */
const LEAST_MARKED = 0.01;
const LEAST_PIECE = 0.004;

/** All people of the picture as one mask of the working picture's size, or undefined where there are none. */
export function findPeople(
  seen: Seen,
  figure: Float32Array,
  { width, height }: { width: number; height: number },
): Mask | undefined {
  const marked = markedIn(figure, { width, height });
  if (areaOf(marked) < LEAST_MARKED * figure.length || personLogOdds(seen) < SURELY) return undefined;
  const { pieces, areas } = connectedPieces(marked);
  const people = emptyMask(width, height);
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    if (piece > 0 && areas[piece]! >= LEAST_PIECE * figure.length) people.data[i] = 1;
  }
  return people.data.includes(1) ? people : undefined;
}

/** Where a probability says that a pixel is a person's rather than not. */
export const markedIn = (
  probability: Float32Array,
  { width, height }: { width: number; height: number },
): Mask => ({ width, height, data: Uint8Array.from(probability, (value) => Number(value > MARKED)) });

type Regression = Readonly<Record<'mean' | 'scale' | 'weight' | 'bias', Float32Array>>;

/** Of checkpoints/judge, read once. */
let regression: Regression | undefined;

function readRegression(): Regression {
  const stored = readHeader(JUDGE_WEIGHTS);
  const tensor = (name: string): Float32Array => readTensor(stored.get(`person.${name}`)!);
  return { mean: tensor('mean'), scale: tensor('scale'), weight: tensor('weight'), bias: tensor('bias') };
}

/** The log odds that the marked pixels are people. */
function personLogOdds(seen: Seen): number {
  const { mean, scale, weight, bias } = (regression ??= readRegression());
  return markedMeans(seen).reduce((odds, value, k) => {
    const standard = (value - mean[k]!) * scale[k]!;
    return odds + weight[k]! * Math.min(FAR, Math.max(-FAR, standard));
  }, bias[0]!);
}

/** What the regression sees: the mean of every channel of the network over the marked pixels. */
export function markedMeans({ person, features }: Seen): Float32Array {
  const side = Math.sqrt(person.length);
  const means = new Float32Array(features.reduce((sum, { channels }) => sum + channels, 0));
  let k = 0;
  for (const { side: mapSide, channels, data } of features) {
    const counts = new Float32Array(mapSide * mapSide);
    const factor = mapSide / side;
    let total = 0;
    for (let i = 0; i < person.length; i++) {
      if (person[i]! <= MARKED) continue;
      counts[Math.floor(Math.floor(i / side) * factor) * mapSide + Math.floor((i % side) * factor)]!++;
      total++;
    }
    const sums = new Float64Array(channels);
    counts.forEach((count, at) => {
      if (count > 0) for (let c = 0; c < channels; c++) sums[c]! += count * data[at * channels + c]!;
    });
    for (const sum of sums) means[k++] = sum / Math.max(1, total);
  }
  return means;
}
