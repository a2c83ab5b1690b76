/** A mask as the lengths of its runs, row by row, outside first: kilobytes where the pixels are megabytes. */
export interface Runs {
  readonly runs: Uint32Array;
  /** Pixels inside. */
  readonly area: number;
}

/** @param inside one byte a pixel, 0 or 1 */
export function packed(inside: Uint8Array): Runs {
  const runs: number[] = [];
  let [current, length, area] = [0, 0, 0];
  for (const here of inside) {
    area += here;
    if (here === current) length++;
    else {
      runs.push(length);
      [current, length] = [here, 1];
    }
  }
  runs.push(length);
  return { runs: Uint32Array.from(runs), area };
}

/** Writes `colour` into every pixel that is inside, nothing into the others. */
export function unpack({ runs }: Runs, pixels: Uint32Array, colour: number): void {
  let at = 0;
  runs.forEach((length, i) => {
    pixels.fill(i % 2 === 1 ? colour : 0, at, at + length);
    at += length;
  });
}

export const equal = (a: Runs, b: Runs): boolean =>
  a.runs.length === b.runs.length && a.runs.every((length, i) => length === b.runs[i]);
