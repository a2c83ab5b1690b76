/**
 * The smooth surface over a region that is 0 outside it and bends where it is pushed: −Δc = push, by full
 * multigrid (A. Brandt, "Multi-level adaptive solutions to boundary-value problems", 1977): from the coarsest grid to
 * the finest, each starting from the one before. Linear in the pixels.
 */

/**
 * V-cycles on each grid; on grids of very many pixels, whose start is so much better, one. Without any, pushes that
 * nearly cancel out (both sides of a seam) come back from the coarser grids as colours all over the hole.
 */
const CYCLES = 2;
const MANY = 400_000;

/** A picture's size, and what is free and pushed there. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly inside: Uint8Array;
  /** Indices of the free pixels, in rising order. */
  readonly cells: Int32Array;
  /** For each of `cells` 1 where it lies on the picture's rim. */
  readonly rim: Uint8Array;
  readonly push: Float32Array;
  readonly value: Float32Array;
}

/**
 * @param inside 1 where the surface is free, [height * width]; elsewhere it is 0; at the picture's rim it is level
 * @param push [height * width * 3]
 * @returns the surface, [height * width * 3]
 */
export function solveMembrane(
  inside: Uint8Array,
  push: Float32Array,
  width: number,
  height: number,
): Float32Array {
  const grids = [gridOf(width, height, inside, push)];
  while (grids.at(-1)!.cells.length > 16) grids.push(coarser(grids.at(-1)!));
  for (let k = 1; k < grids.length; k++) gather(grids[k - 1]!, grids[k]!);
  for (let k = grids.length - 1; k >= 0; k--) {
    if (k < grids.length - 1) prolong(grids[k + 1]!, grids[k]!);
    const cycles = grids[k]!.cells.length > MANY ? 1 : CYCLES;
    for (let cycle = 0; cycle < cycles; cycle++) descend(grids, k);
  }
  return grids[0]!.value;
}

function gridOf(width: number, height: number, inside: Uint8Array, push: Float32Array): Grid {
  const cells = new Int32Array(inside.length);
  let count = 0;
  for (let i = 0; i < inside.length; i++) if (inside[i]) cells[count++] = i;
  const value = new Float32Array(push.length);
  const free = cells.slice(0, count);
  return { width, height, inside, cells: free, rim: rimOf(free, width, height), push, value };
}

export function rimOf(cells: Int32Array, width: number, height: number): Uint8Array {
  const rim = new Uint8Array(cells.length);
  for (let n = 0; n < cells.length; n++) {
    const i = cells[n]!;
    const x = i % width;
    rim[n] = Number(x === 0 || x === width - 1 || i < width || i >= width * (height - 1));
  }
  return rim;
}

function descend(grids: readonly Grid[], k: number): void {
  const grid = grids[k]!;
  if (k === grids.length - 1) return relax(grid, 24);
  relax(grid, 1);
  const coarse = grids[k + 1]!;
  restrict(grid, coarse);
  descend(grids, k + 1);
  prolong(coarse, grid);
  relax(grid, 2);
}

/** Gauss–Seidel sweeps, back and forth; a neighbour beyond the picture's rim counts as the pixel itself. */
export function relax({ width, height, cells, rim, push, value }: Grid, sweeps: number): void {
  const down = width * 3;
  const last = width * (height - 1);
  const count = cells.length;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const on = sweep % 2 === 0 ? 1 : -1;
    for (let n = on === 1 ? 0 : count - 1, left = count; left > 0; left--, n += on) {
      const i = cells[n]!;
      const k = i * 3;
      let before = k - 3;
      let after = k + 3;
      let above = k - down;
      let below = k + down;
      if (rim[n]) {
        const x = i % width;
        if (x === 0) before = k;
        if (x === width - 1) after = k;
        if (i < width) above = k;
        if (i >= last) below = k;
      }
      // channel by channel: a loop over three takes longer than what is in it
      value[k] = 0.25 * (push[k]! + (value[before]! + value[after]! + value[above]! + value[below]!));
      value[k + 1] =
        0.25 *
        (push[k + 1]! + (value[before + 1]! + value[after + 1]! + value[above + 1]! + value[below + 1]!));
      value[k + 2] =
        0.25 *
        (push[k + 2]! + (value[before + 2]! + value[after + 2]! + value[above + 2]! + value[below + 2]!));
    }
  }
}

/** The grid at half the size, where nothing is pushed yet. */
function coarser(grid: Grid): Grid {
  const { width, height, inside } = halved(grid);
  return gridOf(width, height, inside, new Float32Array(width * height * 3));
}

/** A coarse pixel is free only if all its four are: the coarse surface is never held less than the fine one. */
export function halved(
  fine: Pick<Grid, 'width' | 'height' | 'inside'>,
): Pick<Grid, 'width' | 'height' | 'inside'> {
  const width = (fine.width + 1) >> 1;
  const height = (fine.height + 1) >> 1;
  const inside = new Uint8Array(width * height).fill(1);
  for (let y = 0, i = 0; y < fine.height; y++) {
    const row = (y >> 1) * width;
    for (let x = 0; x < fine.width; x++, i++) if (!fine.inside[i]) inside[row + (x >> 1)] = 0;
  }
  return { width, height, inside };
}

/** What pushes the fine surface, summed over each coarse pixel's four: the residual while all surfaces are flat. */
function gather({ width, cells, push }: Grid, coarse: Grid): void {
  for (let n = 0; n < cells.length; n++) {
    const i = cells[n]!;
    const x = i % width;
    const j = (((i - x) / width) >> 1) * coarse.width + (x >> 1);
    if (!coarse.inside[j]) continue;
    for (let c = 0; c < 3; c++) coarse.push[j * 3 + c]! += push[i * 3 + c]!;
  }
}

/** The residual push − (−Δvalue), summed over each coarse pixel's four; the coarse surface starts flat. */
function restrict({ width, height, cells, rim, push, value }: Grid, coarse: Grid): void {
  coarse.push.fill(0);
  coarse.value.fill(0);
  const down = width * 3;
  const last = width * (height - 1);
  for (let n = 0; n < cells.length; n++) {
    const i = cells[n]!;
    const x = i % width;
    const j = (((i - x) / width) >> 1) * coarse.width + (x >> 1);
    if (!coarse.inside[j]) continue;
    const k = i * 3;
    let [left, right, above, below] = [k - 3, k + 3, k - down, k + down];
    if (rim[n]) {
      if (x === 0) left = k;
      if (x === width - 1) right = k;
      if (i < width) above = k;
      if (i >= last) below = k;
    }
    for (let c = 0; c < 3; c++) {
      const sum = value[left + c]! + value[right + c]! + value[above + c]! + value[below + c]!;
      coarse.push[j * 3 + c]! += push[k + c]! + sum - 4 * value[k + c]!;
    }
  }
}

/** Adds the coarse surface, interpolated between its pixels' centres. */
function prolong(coarse: Grid, { width, cells, value }: Grid): void {
  const from = coarse.value;
  for (let n = 0; n < cells.length; n++) {
    const i = cells[n]!;
    const x = i % width;
    const y = (i - x) / width;
    const row = (y >> 1) * coarse.width;
    const other = Math.min(coarse.height - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * coarse.width;
    const x0 = x >> 1;
    const x1 = Math.min(coarse.width - 1, Math.max(0, x0 + (x & 1 ? 1 : -1)));
    for (let c = 0; c < 3; c++) {
      value[i * 3 + c]! +=
        0.5625 * from[(row + x0) * 3 + c]! +
        0.1875 * (from[(row + x1) * 3 + c]! + from[(other + x0) * 3 + c]!) +
        0.0625 * from[(other + x1) * 3 + c]!;
    }
  }
}
