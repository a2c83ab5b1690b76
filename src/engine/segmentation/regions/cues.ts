/** What is known of every pixel of the working picture before regions are made. */
import type { LabPicture } from '../lab.js';
import { NETWORK_SIDE } from '../person/network.js';
import type { FeatureMap, Seen } from '../person/person.js';
import { blurred } from './blur.js';
import { groundColours } from './groundColours.js';

/** Derivatives of lightness: sideways, upright and along the two diagonals. */
const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
] as const;
/** Texture is the energy of each at these steps, in pixels. */
const STEPS = [1, 3] as const;
export const TEXTURES = DIRECTIONS.length * STEPS.length;

export interface Cues {
  readonly lab: LabPicture;
  /** TEXTURES values a pixel: log(1 + |difference of lightness|). */
  readonly texture: Float32Array;
  /** Colour steps across each pixel at a fine and at a wide scale, in CIELAB units. */
  readonly edges: readonly [fine: Float32Array, wide: Float32Array];
  /** The probability of a person, or of what stands before a ground as a person would. */
  readonly figure: Float32Array;
  /** 1 where the colour is one of a ground's, else 0. */
  readonly ground: Uint8Array;
  /** The network's channels; `at[k]` is where in map k each pixel lies. */
  readonly maps: readonly FeatureMap[];
  readonly at: readonly Int32Array[];
}

export function cuesOf(lab: LabPicture, seen: Seen): Cues {
  const { width, height } = lab;
  const grid = (side: number): Int32Array => {
    const at = new Int32Array(width * height);
    for (let y = 0, i = 0; y < height; y++) {
      const row = Math.floor(((y + 0.5) * side) / height) * side;
      for (let x = 0; x < width; x++, i++) at[i] = row + Math.floor(((x + 0.5) * side) / width);
    }
    return at;
  };
  return {
    lab,
    texture: textureOf(lab),
    edges: [edgesOf(blurred(lab, 1)), edgesOf(blurred(lab, 3))],
    figure: taken(seen.person, grid(NETWORK_SIDE)),
    ground: groundColours(lab),
    maps: seen.features,
    at: seen.features.map(({ side }) => grid(side)),
  };
}

function taken(values: Float32Array, at: Int32Array): Float32Array {
  const out = new Float32Array(at.length);
  for (let i = 0; i < at.length; i++) out[i] = values[at[i]!]!;
  return out;
}

function textureOf({ width, height, data }: LabPicture): Float32Array {
  const texture = new Float32Array(width * height * TEXTURES);
  let k = 0;
  for (const step of STEPS) {
    for (const [dx, dy] of DIRECTIONS) {
      for (let y = 0; y < height; y++) {
        const up = clamp(y - dy * step, height) * width;
        const down = clamp(y + dy * step, height) * width;
        for (let x = 0, out = y * width * TEXTURES + k; x < width; x++, out += TEXTURES) {
          const a = data[(up + clamp(x - dx * step, width)) * 3]!;
          const b = data[(down + clamp(x + dx * step, width)) * 3]!;
          texture[out] = Math.log1p(Math.abs(a - b));
        }
      }
      k++;
    }
  }
  return texture;
}

/** The length of the colour's gradient, by central differences over two pixels. */
function edgesOf({ width, height, data }: LabPicture): Float32Array {
  const edges = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const up = clamp(y - 1, height) * width;
    const down = clamp(y + 1, height) * width;
    for (let x = 0; x < width; x++) {
      const left = clamp(x - 1, width);
      const right = clamp(x + 1, width);
      let sum = 0;
      for (let c = 0; c < 3; c++) {
        const across = data[(y * width + right) * 3 + c]! - data[(y * width + left) * 3 + c]!;
        const along = data[(down + x) * 3 + c]! - data[(up + x) * 3 + c]!;
        sum += across * across + along * along;
      }
      edges[y * width + x] = Math.sqrt(sum);
    }
  }
  return edges;
}

function clamp(x: number, size: number): number {
  return x < 0 ? 0 : x >= size ? size - 1 : x;
}
