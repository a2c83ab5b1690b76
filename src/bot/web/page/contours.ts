/** Boundaries of regions in a map of bytes, as polygons along the edges of pixels. */

export type Polygon = readonly (readonly [x: number, y: number])[];

/** Steps right, down, left, up. */
const DX = [1, 0, -1, 0] as const;
const DY = [0, 1, 0, -1] as const;
/** For each heading, from a corner: the pixel ahead on the left, and the one ahead on the right. */
const LEFT = [
  [0, -1],
  [0, 0],
  [-1, 0],
  [-1, -1],
] as const;
const RIGHT = [
  [0, 0],
  [-1, 0],
  [-1, -1],
  [0, -1],
] as const;

/**
 * The outlines of all pixels that hold `label`, holes included, with the inside on the right.
 * @param data width · height bytes, row by row
 */
export function contoursOf(data: Uint8Array, width: number, height: number, label: number): Polygon[] {
  const inside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] === label;
  const seen = new Uint8Array(width * height); // whose upper edge was walked
  const found: Polygon[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[y * width + x] === label && !seen[y * width + x] && !inside(x, y - 1))
        found.push(walk(x, y, inside, (at, row) => (seen[row * width + at] = 1)));
  return found;
}

function walk(
  startX: number,
  startY: number,
  inside: (x: number, y: number) => boolean,
  mark: (x: number, y: number) => void,
): Polygon {
  const corners: [number, number][] = [];
  let [x, y, heading] = [startX, startY, 0];
  do {
    if (heading === 0) mark(x, y);
    [x, y] = [x + DX[heading]!, y + DY[heading]!];
    const [left, right] = [LEFT[heading]!, RIGHT[heading]!];
    let next = heading;
    if (inside(x + left[0], y + left[1])) next = (heading + 3) % 4;
    else if (!inside(x + right[0], y + right[1])) next = (heading + 1) % 4;
    if (next !== heading) corners.push([x, y]);
    heading = next;
  } while (x !== startX || y !== startY || heading !== 0);
  return corners;
}

/** The polygon with corners left out that lie within `tolerance` of the line without them (Douglas and Peucker, 1973). */
export function simplified(polygon: Polygon, tolerance: number): Polygon {
  if (polygon.length < 8) return polygon;
  const keep = new Uint8Array(polygon.length);
  const middle = polygon.length >> 1;
  keep[0] = keep[middle] = keep[polygon.length - 1] = 1;
  const stack: [number, number][] = [
    [0, middle],
    [middle, polygon.length - 1],
  ];
  while (stack.length > 0) {
    const [from, to] = stack.pop()!;
    const [ax, ay] = polygon[from]!;
    const [bx, by] = polygon[to]!;
    const length = Math.hypot(bx - ax, by - ay) || 1;
    let [farthest, at] = [tolerance, -1];
    for (let i = from + 1; i < to; i++) {
      const [px, py] = polygon[i]!;
      const off = Math.abs((bx - ax) * (ay - py) - (ax - px) * (by - ay)) / length;
      if (off > farthest) [farthest, at] = [off, i];
    }
    if (at < 0) continue;
    keep[at] = 1;
    stack.push([from, at], [at, to]);
  }
  return polygon.filter((_, i) => keep[i]);
}

/**
 * The polygon through the middles of its short steps, half a pixel from the corners of its long ones: stairs become the
 * slopes that they stand for, as marching squares (Lorensen and Cline, 1987, in two dimensions) would have them.
 */
function unstaired(corners: Polygon): Polygon {
  return corners.flatMap(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % corners.length]!;
    const length = Math.abs(bx - ax) + Math.abs(by - ay);
    const along = (far: number): [number, number] => [
      ax + (Math.sign(bx - ax) || 0) * far,
      ay + (Math.sign(by - ay) || 0) * far,
    ];
    return length > 1 ? [along(0.5), along(length - 0.5)] : [along(0.5)];
  });
}

/** How far from a corner its rounding begins, in pixels of the map. */
const ROUND = 2;
const place = (value: number): number => Math.round(value * 100) / 100;

/** The polygon with its corners rounded, as the `d` of an SVG path. */
function rounded(polygon: Polygon): string {
  const towards = ([ax, ay]: Polygon[number], [bx, by]: Polygon[number]): string => {
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const share = Math.min(ROUND, length / 2) / length;
    return `${place(ax + (bx - ax) * share)} ${place(ay + (by - ay) * share)}`;
  };
  const parts = polygon.map((at, i) => {
    const [before, after] = [polygon.at(i - 1)!, polygon[(i + 1) % polygon.length]!];
    return `${towards(at, before)}Q${place(at[0])} ${place(at[1])} ${towards(at, after)}`;
  });
  return `M${parts.join('L')}Z`;
}

/** As the `d` of an SVG path, smooth, with what is too small to see left out. */
export const pathOf = (polygons: readonly Polygon[]): string =>
  polygons
    .filter((polygon) => polygon.length >= 4)
    .map((polygon) => rounded(simplified(unstaired(polygon), 0.6)))
    .join('');
