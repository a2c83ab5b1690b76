import type { Tensor } from '../runtime/session.js';

/** A tile's place along one side, in latent cells. */
export interface Span {
  readonly start: number;
  readonly size: number;
}

/** Overlapping tiles of latents: every row of them with every column. */
export interface Tiling {
  readonly rows: readonly Span[];
  readonly columns: readonly Span[];
}

/** Neighbours share a quarter of a tile, as in diffusers (`tile_overlap_factor`). */
const SHARED = 1 / 4;
/** Cells a side below which a tile is not cut: what a group norm measures in it would no longer be the picture's. */
const LEAST = 32;

/** `count` tiles of one size along `length` cells, so that one compiled graph does them all. */
export function spans(length: number, count: number): Span[] {
  const size = Math.ceil(length / (1 + (1 - SHARED) * (count - 1)));
  return Array.from({ length: count }, (_, i) => ({
    start: count === 1 ? 0 : Math.round((i * (length - size)) / (count - 1)),
    size,
  }));
}

/**
 * The fewest tiles that each fit: the longer side of a tile is cut until one does, or is too small to be cut.
 * @param fits whether a tile of so many cells does
 */
export function tilingOf(
  width: number,
  height: number,
  fits: (width: number, height: number) => boolean,
): Tiling {
  for (let [across, down] = [1, 1]; ;) {
    const tiling = { rows: spans(height, down), columns: spans(width, across) };
    const [w, h] = [tiling.columns[0]!.size, tiling.rows[0]!.size];
    if (fits(w, h) || Math.max(w, h) <= LEAST) return tiling;
    if (w > h) across += 1;
    else down += 1;
  }
}

/**
 * Applies `pass` to every tile and blends the results where tiles overlap, linearly from one to the next as diffusers'
 * `blend_v` and `blend_h`. What a layer measures over its whole input (group norms) it measures a tile at a time: that is
 * how the result differs from one pass over everything.
 * @param input [1, C, H, W]
 * @param from what one cell is of the input's side, `to` of the output's
 */
export async function inTiles(
  input: Tensor,
  { rows, columns }: Tiling,
  { from, to }: { readonly from: number; readonly to: number },
  pass: (tile: Tensor) => Promise<Tensor>,
): Promise<Tensor> {
  if (rows.length === 1 && columns.length === 1) return await pass(input);
  const [, , height, width] = input.shape as [number, number, number, number];
  let whole: Tensor | undefined;
  let above: readonly Tensor[] = [];
  for (const [i, row] of rows.entries()) {
    const line: Tensor[] = [];
    for (const [j, column] of columns.entries()) {
      const tile = await pass(cut(input, scaled(row, from), scaled(column, from)));
      if (i > 0) blend(above[j]!, tile, to * shared(rows[i - 1]!, row), 'down');
      if (j > 0) blend(line[j - 1]!, tile, to * shared(columns[j - 1]!, column), 'across');
      whole ??= empty(tile.shape[1]!, (height / from) * to, (width / from) * to);
      paste(whole, tile, row.start * to, column.start * to);
      line.push(tile);
    }
    above = line;
  }
  return whole!;
}

const scaled = ({ start, size }: Span, by: number): Span => ({ start: start * by, size: size * by });
const shared = (before: Span, after: Span): number => before.start + before.size - after.start;

const empty = (channels: number, height: number, width: number): Tensor => ({
  shape: [1, channels, height, width],
  data: new Float32Array(channels * height * width),
});

function cut({ shape, data }: Tensor, rows: Span, columns: Span): Tensor {
  const [, channels, height, width] = shape as [number, number, number, number];
  const tile = empty(channels, rows.size, columns.size);
  for (let line = 0; line < channels * rows.size; line++) {
    const at =
      (Math.floor(line / rows.size) * height + rows.start + (line % rows.size)) * width + columns.start;
    tile.data.set((data as Float32Array).subarray(at, at + columns.size) as never, line * columns.size);
  }
  return tile;
}

/** Puts a tile over what is there: neighbours to the right and below put their blended edges over its own. */
function paste(whole: Tensor, tile: Tensor, top: number, left: number): void {
  const [, channels, height, width] = whole.shape as [number, number, number, number];
  const [, , rows, columns] = tile.shape as [number, number, number, number];
  for (let line = 0; line < channels * rows; line++) {
    const at = (Math.floor(line / rows) * height + top + (line % rows)) * width + left;
    whole.data.set((tile.data as Float32Array).subarray(line * columns, (line + 1) * columns) as never, at);
  }
}

/** Fades from the last `extent` rows (or columns) of `before` into the first of `after`, in place. */
function blend(before: Tensor, after: Tensor, extent: number, way: 'down' | 'across'): void {
  const [, channels, height, width] = after.shape as [number, number, number, number];
  const [down, across] = way === 'down' ? [extent, width] : [height, extent];
  // from a place in `after` to the same place of the picture in `before`
  const offset = way === 'down' ? (height - extent) * width : width - extent;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < down; y++)
      for (let x = 0; x < across; x++) {
        const at = (c * height + y) * width + x;
        const share = (way === 'down' ? y : x) / extent;
        after.data[at] =
          (1 - share) * (before.data[at + offset] as number) + share * (after.data[at] as number);
      }
}
