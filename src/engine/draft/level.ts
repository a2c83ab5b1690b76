/**
 * The picture around a hole at several sizes, each half of the one before (Wexler 2007, section 3.2: completion from
 * coarse to fine is what lets a large hole find its large structures).
 */
import type { Box } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { roughnessOf } from './roughness.js';

/** Patches are squares of 2 · RADIUS + 1 pixels: 7 as in Newson 2014. */
export const RADIUS = 3;
export const PATCH = 2 * RADIUS + 1;

/** One size of the picture around the hole. Places are indices `y * width + x`. */
export interface Ground {
  readonly width: number;
  readonly height: number;
  /** RGB, 0–255, interleaved; inside the hole what is guessed so far. */
  readonly colour: Uint8Array;
  /** 1 where a pixel is to be made up. */
  readonly hole: Uint8Array;
  /** 1 where a pixel may be copied from. */
  readonly source: Uint8Array;
}

/** A size that matches are sought on. */
export interface Level extends Ground {
  /** How rough the picture is around a pixel, sideways and down (`roughnessOf`); inside the hole what is guessed. */
  readonly rough: Float32Array;
}

/** Where patches lie on a level. */
export interface Places {
  /** 1 where a whole patch around the place is source. */
  readonly whole: Uint8Array;
  /** Places with `whole`, in rising order. */
  readonly centres: Int32Array;
  /** Centres of the patches inside the picture that touch the hole, in rising order. */
  readonly targets: Int32Array;
  /** 1 for hole and source: other pixels of a patch are not compared. */
  readonly compared: Uint8Array;
  /** 1 for targets whose patch has pixels that are not compared. */
  readonly mixed: Uint8Array;
  /** The hole's pixels, in rising order. */
  readonly holes: Int32Array;
}

/** The box at full size. */
export function finest(picture: Raster, hole: Mask, sources: Mask, box: Box): Ground {
  const { width, height } = box;
  const colour = new Uint8Array(width * height * 3);
  const inside = new Uint8Array(width * height);
  const source = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (box.top + y) * picture.width + box.left;
    colour.set(picture.data.subarray(from * 3, (from + width) * 3), y * width * 3);
    inside.set(hole.data.subarray(from, from + width), y * width);
    source.set(sources.data.subarray(from, from + width), y * width);
  }
  for (let i = 0; i < source.length; i++) if (inside[i]) source[i] = 0;
  return { width, height, colour, hole: inside, source };
}

/**
 * At half the size: a pixel is the mean of the known ones of its four, hole if any is hole, source if all are. What is hole in
 * an odd last row or column is its neighbour's: what is to be made up is made up at every size.
 */
export function halved(level: Ground): Ground {
  const width = level.width >> 1;
  const height = level.height >> 1;
  const { colour: fine, hole: open, source: free } = level;
  const colour = new Uint8Array(width * height * 3);
  const hole = new Uint8Array(width * height);
  const source = new Uint8Array(width * height);
  const down = level.width * 3;
  for (let y = 0; y < height; y++) {
    let a = 2 * y * level.width;
    for (let i = y * width; i < (y + 1) * width; i++, a += 2) {
      const c = a + level.width;
      source[i] = free[a]! & free[a + 1]! & free[c]! & free[c + 1]!;
      const k = a * 3;
      if (!(open[a]! | open[a + 1]! | open[c]! | open[c + 1]!)) {
        for (let n = 0; n < 3; n++) {
          const at = k + n;
          colour[i * 3 + n] = (fine[at]! + fine[at + 3]! + fine[at + down]! + fine[at + down + 3]! + 2) >> 2;
        }
        continue;
      }
      hole[i] = 1;
      const [ka, kb, kc, kd] = [1 - open[a]!, 1 - open[a + 1]!, 1 - open[c]!, 1 - open[c + 1]!];
      const known = ka + kb + kc + kd;
      if (known === 0) continue;
      for (let at = k; at < k + 3; at++) {
        const sum = ka * fine[at]! + kb * fine[at + 3]! + kc * fine[at + down]! + kd * fine[at + down + 3]!;
        colour[i * 3 + at - k] = (sum + (known >> 1)) / known;
      }
    }
  }
  eachOdd(level, (p, x, y) => {
    if (!open[p]) return;
    const i = Math.min(y >> 1, height - 1) * width + Math.min(x >> 1, width - 1);
    hole[i] = 1;
    source[i] = 0;
  });
  return { width, height, colour, hole, source };
}

/** Visits the places that no whole square of four has: an odd last column, an odd last row. */
function eachOdd({ width, height }: Ground, visit: (place: number, x: number, y: number) => void): void {
  if (width % 2 === 1) for (let y = 0; y < height; y++) visit(y * width + width - 1, width - 1, y);
  if (height % 2 === 1) for (let x = 0; x < width; x++) visit((height - 1) * width + x, x, height - 1);
}

/**
 * With the roughness of its known pixels: the mean of the finer level's, which halving the colours would smooth away,
 * or measured where no finer one is searched.
 */
export function roughened(ground: Ground, finer?: Level): Level {
  const { width, height, colour, hole } = ground;
  if (!finer) return { ...ground, rough: roughnessOf(colour, hole, width, height) };
  const rough = new Float32Array(width * height * 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 2;
      const a = 2 * y * finer.width + 2 * x;
      let known = 4;
      for (let n = 0; n < 4; n++) known -= finer.hole[a + (n >> 1) * finer.width + (n & 1)]!;
      for (let n = 0; n < 4; n++) {
        const p = a + (n >> 1) * finer.width + (n & 1);
        if (finer.hole[p]) continue;
        rough[i]! += finer.rough[p * 2]! / known;
        rough[i + 1]! += finer.rough[p * 2 + 1]! / known;
      }
    }
  }
  return { ...ground, rough };
}

export function placesOf({ width, height, hole, source }: Ground): Places {
  const sources = boxSums(source, width, height);
  const touching = boxSums(hole, width, height);
  const whole = new Uint8Array(width * height);
  const mixed = new Uint8Array(width * height);
  const centres = new Int32Array(width * height);
  const targets = new Int32Array(width * height);
  let centreCount = 0;
  let targetCount = 0;
  for (let y = RADIUS; y < height - RADIUS; y++) {
    for (let i = y * width + RADIUS; i < (y + 1) * width - RADIUS; i++) {
      if (sources[i] === PATCH * PATCH) {
        whole[i] = 1;
        centres[centreCount++] = i;
      }
      if (touching[i]! > 0) {
        targets[targetCount++] = i;
        if (touching[i]! + sources[i]! < PATCH * PATCH) mixed[i] = 1;
      }
    }
  }
  const compared = new Uint8Array(width * height);
  const holes = new Int32Array(width * height);
  let holeCount = 0;
  for (let i = 0; i < compared.length; i++) {
    compared[i] = hole[i]! | source[i]!;
    if (hole[i]) holes[holeCount++] = i;
  }
  return {
    ...{ whole, compared, mixed },
    centres: centres.slice(0, centreCount),
    targets: targets.slice(0, targetCount),
    holes: holes.slice(0, holeCount),
  };
}

/** How many set pixels the patch around each place has; places whose patch leaves the picture stay as they are. */
export function boxSums(
  set: Uint8Array,
  width: number,
  height: number,
  out: Uint8Array = new Uint8Array(set.length),
): Uint8Array {
  const columns = new Uint8Array(width); // sums of the last PATCH rows
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      columns[x]! += set[y * width + x]!;
      if (y >= PATCH) columns[x]! -= set[(y - PATCH) * width + x]!;
    }
    if (y < PATCH - 1) continue;
    let sum = 0;
    for (let x = 0; x < width; x++) {
      sum += columns[x]!;
      if (x >= PATCH) sum -= columns[x - PATCH]!;
      if (x >= PATCH - 1) out[(y - RADIUS) * width + x - RADIUS] = sum;
    }
  }
  return out;
}

/** The nearest place whose patch lies inside the picture. */
export function centreNear(p: number, width: number, height: number): number {
  const x = Math.min(Math.max(p % width, RADIUS), width - 1 - RADIUS);
  const y = Math.min(Math.max(Math.floor(p / width), RADIUS), height - 1 - RADIUS);
  return y * width + x;
}
