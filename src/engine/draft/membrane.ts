/**
 * The smooth surface over a region that is 0 outside it and bends where it is pushed: −Δc = push, by multigrid
 * V-cycles (A. Brandt, "Multi-level adaptive solutions to boundary-value problems", 1977). Linear in the pixels.
 */

const CYCLES = 6;

interface Grid {
  readonly width: number;
  readonly height: number;
  readonly inside: Uint8Array;
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
  const grids: Grid[] = [{ width, height, inside, push, value: new Float32Array(push.length) }];
  for (;;) {
    const last = grids.at(-1)!;
    if (Math.min(last.width, last.height) < 4 || !last.inside.includes(1)) break;
    grids.push(coarser(last));
  }
  for (let cycle = 0; cycle < CYCLES; cycle++) descend(grids, 0);
  return grids[0]!.value;
}

function descend(grids: readonly Grid[], k: number): void {
  const grid = grids[k]!;
  const last = k === grids.length - 1;
  relax(grid, last ? 20 : 2);
  if (last) return;
  const below = grids[k + 1]!;
  below.value.fill(0);
  restrict(grid, below);
  descend(grids, k + 1);
  prolong(below, grid);
  relax(grid, 2);
}

/** Gauss–Seidel sweeps; a neighbour beyond the rim is left out of the sum. */
function relax({ width, height, inside, push, value }: Grid, sweeps: number): void {
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        if (!inside[i]) continue;
        const count = Number(x > 0) + Number(x < width - 1) + Number(y > 0) + Number(y < height - 1);
        for (let c = 0; c < 3; c++) {
          const k = i * 3 + c;
          let sum = push[k]!;
          if (x > 0) sum += value[k - 3]!;
          if (x < width - 1) sum += value[k + 3]!;
          if (y > 0) sum += value[k - width * 3]!;
          if (y < height - 1) sum += value[k + width * 3]!;
          value[k] = sum / count;
        }
      }
    }
  }
}

/** A coarse pixel is free only if all four are: so the coarse surface is never held less than the fine one. */
function coarser(grid: Grid): Grid {
  const width = (grid.width + 1) >> 1;
  const height = (grid.height + 1) >> 1;
  const inside = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let free = 1;
      for (let dy = 0; dy < 2; dy++) {
        for (let dx = 0; dx < 2; dx++) {
          const [fx, fy] = [2 * x + dx, 2 * y + dy];
          if (fx < grid.width && fy < grid.height) free &= grid.inside[fy * grid.width + fx]!;
        }
      }
      inside[y * width + x] = free;
    }
  }
  const size = width * height * 3;
  return { width, height, inside, push: new Float32Array(size), value: new Float32Array(size) };
}

/** The residual push − (−Δvalue), summed over each coarse pixel's four. */
function restrict(fine: Grid, coarse: Grid): void {
  coarse.push.fill(0);
  const { width, height, inside, push, value } = fine;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!inside[i]) continue;
      const j = (y >> 1) * coarse.width + (x >> 1);
      if (!coarse.inside[j]) continue;
      for (let c = 0; c < 3; c++) {
        const k = i * 3 + c;
        let residual = push[k]!;
        if (x > 0) residual += value[k - 3]! - value[k]!;
        if (x < width - 1) residual += value[k + 3]! - value[k]!;
        if (y > 0) residual += value[k - width * 3]! - value[k]!;
        if (y < height - 1) residual += value[k + width * 3]! - value[k]!;
        coarse.push[j * 3 + c]! += residual;
      }
    }
  }
}

/** Adds the coarse surface, interpolated between its pixels' centres. */
function prolong(coarse: Grid, fine: Grid): void {
  const { width, height, inside, value } = fine;
  for (let y = 0; y < height; y++) {
    const y0 = y >> 1;
    const y1 = Math.min(coarse.height - 1, Math.max(0, y0 + (y & 1 ? 1 : -1)));
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!inside[i]) continue;
      const x0 = x >> 1;
      const x1 = Math.min(coarse.width - 1, Math.max(0, x0 + (x & 1 ? 1 : -1)));
      for (let c = 0; c < 3; c++) {
        const near =
          0.75 * coarse.value[(y0 * coarse.width + x0) * 3 + c]! +
          0.25 * coarse.value[(y0 * coarse.width + x1) * 3 + c]!;
        const far =
          0.75 * coarse.value[(y1 * coarse.width + x0) * 3 + c]! +
          0.25 * coarse.value[(y1 * coarse.width + x1) * 3 + c]!;
        value[i * 3 + c]! += 0.75 * near + 0.25 * far;
      }
    }
  }
}
