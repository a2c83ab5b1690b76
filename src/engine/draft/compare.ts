/** How unlike two patches are: sums of squared differences, told off as early as can be. */
import { type Level, PATCH, RADIUS } from './level.js';

export const AREA = PATCH * PATCH;
/** A difference in roughness counts so many times one of colour, over a whole patch of three colours. */
const ROUGHNESS = 6 * 3 * AREA;
/**
 * What lies higher or lower by the level's longer side is as unlike as what differs by so much in every colour: from top to
 * bottom light changes, things come nearer and others begin (sky over land).
 */
const HIGHER = 22;

/**
 * Sum of squared differences of the patches around a and b; stops once it reaches `limit`. Rows lie three apart, one after
 * the other: neighbouring rows tell the same, and most candidates are to be told off by few.
 */
export function patchCost(colour: Uint8Array, width: number, a: number, b: number, limit: number): number {
  const corner = RADIUS * width + RADIUS;
  const p = (a - corner) * 3;
  const apart = (b - a) * 3;
  const stride = width * 3;
  let sum = 0;
  let y = RADIUS;
  for (let row = 0; row < PATCH; row++) {
    const from = p + y * stride;
    for (let k = from; k < from + PATCH * 3; k += 3) {
      const r = colour[k]! - colour[k + apart]!;
      const g = colour[k + 1]! - colour[k + apart + 1]!;
      const l = colour[k + 2]! - colour[k + apart + 2]!;
      sum += r * r + g * g + l * l;
    }
    if (sum >= limit) return sum;
    y = y + 3 < PATCH ? y + 3 : y + 3 - PATCH;
  }
  return sum;
}

/** How unlike the roughness around a and b is, in the unit of `patchCost`. */
export function roughCost(rough: Float32Array, a: number, b: number): number {
  const across = rough[a * 2]! - rough[b * 2]!;
  const down = rough[a * 2 + 1]! - rough[b * 2 + 1]!;
  return ROUGHNESS * (across * across + down * down);
}

/** How much the square of a row more between two patches costs, in the unit of `patchCost`. */
export const rowCost = ({ width, height }: Level): number =>
  3 * AREA * (HIGHER / Math.max(width, height)) ** 2;

/** The sum of each colour over each patch of the level, [height * width * 3]; 0 where a patch leaves it. */
export function patchSums({ width, height, colour }: Level): Int32Array {
  const row = width * 3;
  const sums = new Int32Array(height * row);
  const columns = new Int32Array(row); // sums of the last PATCH rows
  for (let y = 0; y < height; y++) {
    const entering = y * row;
    for (let k = 0; k < row; k++) columns[k]! += colour[entering + k]!;
    if (y < PATCH - 1) continue;
    const at = (y - RADIUS) * row;
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (let k = c; k < PATCH * 3; k += 3) sum += columns[k]!;
      let to = at + RADIUS * 3 + c;
      sums[to] = sum;
      for (let k = PATCH * 3 + c; k < row; k += 3) {
        sum += columns[k]! - columns[k - PATCH * 3]!;
        sums[(to += 3)] = sum;
      }
    }
    const leaving = (y - PATCH + 1) * row;
    for (let k = 0; k < row; k++) columns[k]! -= colour[leaving + k]!;
  }
  return sums;
}

/** The sums of some patches anew, whose places are in rising order. */
export function renewSums({ width, colour }: Level, places: Int32Array, sums: Int32Array): void {
  const stride = width * 3;
  for (let n = 0; n < places.length; n++) {
    const p = places[n]! * 3;
    const top = p - RADIUS * stride;
    const goesOn = n > 0 && places[n - 1]! === places[n]! - 1;
    for (let c = 0; c < 3; c++) {
      let sum = goesOn ? sums[p - 3 + c]! : 0;
      for (let y = 0, row = top + c; y < PATCH; y++, row += stride) {
        if (goesOn) sum += colour[row + RADIUS * 3]! - colour[row - (RADIUS + 1) * 3]!;
        else for (let k = row - RADIUS * 3; k <= row + RADIUS * 3; k += 3) sum += colour[k]!;
      }
      sums[p + c] = sum;
    }
  }
}

/** What `patchCost` is at least, by the patches' sums: the square of a sum is at most so many times the sum of squares. */
export function leastCost(sums: Int32Array, a: number, b: number): number {
  const red = sums[a * 3]! - sums[b * 3]!;
  const green = sums[a * 3 + 1]! - sums[b * 3 + 1]!;
  const blue = sums[a * 3 + 2]! - sums[b * 3 + 2]!;
  return (red * red + green * green + blue * blue) / AREA;
}

/** Some pixels of a patch, gathered once to be compared with many patches. */
export class Part {
  /** Steps from the patch's centre, in bytes of colour. */
  readonly #steps = new Int32Array(AREA);
  readonly #colour = new Uint8Array(AREA * 3);
  #count = 0;

  constructor(private readonly level: Level) {}

  /** Takes those pixels of the patch around a that `counts`. */
  gather(counts: Uint8Array, a: number): void {
    const { width, colour } = this.level;
    let count = 0;
    for (let y = -RADIUS; y <= RADIUS; y++) {
      for (let x = -RADIUS; x <= RADIUS; x++) {
        const p = a + y * width + x;
        if (!counts[p]) continue;
        this.#steps[count] = 3 * (p - a);
        for (let c = 0; c < 3; c++) this.#colour[count * 3 + c] = colour[p * 3 + c]!;
        count++;
      }
    }
    this.#count = count;
  }

  /** So many times the cost of its pixels is that of a whole patch. */
  get scale(): number {
    return this.#count === 0 ? 1 : AREA / this.#count;
  }

  /** The cost against the same pixels of the patch around b; not all of it from `limit` on. */
  cost(b: number, limit: number): number {
    const { colour } = this.level;
    const [steps, own, count] = [this.#steps, this.#colour, this.#count];
    if (count === 0) return 2 ** 30;
    let sum = 0;
    for (let n = 0; n < count;) {
      for (const end = Math.min(count, n + PATCH); n < end; n++) {
        const q = 3 * b + steps[n]!;
        const red = own[n * 3]! - colour[q]!;
        const green = own[n * 3 + 1]! - colour[q + 1]!;
        const blue = own[n * 3 + 2]! - colour[q + 2]!;
        sum += red * red + green * green + blue * blue;
      }
      if (sum >= limit) break;
    }
    return sum;
  }
}
