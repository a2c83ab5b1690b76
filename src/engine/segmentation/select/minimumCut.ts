/**
 * The minimum cut of a grid of pixels, by Dinic's algorithm (E. Dinic, 1970): breadth-first levels from the source,
 * then flow along arcs that go one level up, until none reaches the sink.
 */

/** The four neighbours whose arcs a pixel owns; the arcs back belong to the neighbour. */
const OWNED = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 1],
] as const;
const ARCS = 2 * OWNED.length;

export interface GridCut {
  readonly width: number;
  readonly height: number;
  /** What it costs to leave a pixel outside (source) or inside (sink), at least 0. */
  readonly outside: Float32Array;
  readonly inside: Float32Array;
  /** What it costs that two neighbours differ: `between(i, j)`, at least 0. */
  readonly between: (i: number, j: number) => number;
}

/** 1 for pixels on the source's side of the cheapest cut: inside. */
export function minimumCut(grid: GridCut): Uint8Array {
  const { width, height } = grid;
  const pixels = width * height;
  const capacity = new Float32Array(pixels * ARCS);
  const to = new Int32Array(pixels * ARCS).fill(-1);
  for (let i = 0; i < pixels; i++) {
    const x = i % width;
    const y = (i - x) / width;
    OWNED.forEach(([dx, dy], k) => {
      if (x + dx < 0 || x + dx >= width || y + dy >= height) return;
      const j = i + dy * width + dx;
      const cost = grid.between(i, j);
      to[i * ARCS + k] = j;
      capacity[i * ARCS + k] = cost;
      to[j * ARCS + k + OWNED.length] = i;
      capacity[j * ARCS + k + OWNED.length] = cost;
    });
  }
  // What goes straight from source to sink through a pixel is no choice.
  const source = grid.outside.map((cost, i) => Math.max(0, cost - grid.inside[i]!));
  const sink = grid.inside.map((cost, i) => Math.max(0, cost - grid.outside[i]!));
  return new Flow(to, capacity, source, sink).reachable();
}

const EPSILON = 1e-5;

class Flow {
  private readonly level: Int32Array;
  private readonly next: Uint8Array;
  private readonly queue: Int32Array;

  constructor(
    private readonly to: Int32Array,
    private readonly capacity: Float32Array,
    private readonly source: Float32Array,
    private readonly sink: Float32Array,
  ) {
    this.level = new Int32Array(source.length);
    this.next = new Uint8Array(source.length);
    this.queue = new Int32Array(source.length);
  }

  reachable(): Uint8Array {
    while (this.levels()) {
      this.next.fill(0);
      for (let i = 0; i < this.source.length; i++) {
        while (this.source[i]! > EPSILON && this.level[i] === 1) {
          const sent = this.send(i, this.source[i]!);
          if (sent <= 0) break;
          this.source[i]! -= sent;
        }
      }
    }
    return Uint8Array.from(this.level, (level) => (level > 0 ? 1 : 0));
  }

  /** Levels of pixels that the source still reaches, from 1; whether one of them reaches the sink. */
  private levels(): boolean {
    const { level, queue, to, capacity } = this;
    level.fill(0);
    let count = 0;
    for (let i = 0; i < level.length; i++) {
      if (this.source[i]! <= EPSILON) continue;
      level[i] = 1;
      queue[count++] = i;
    }
    let reached = false;
    for (let head = 0; head < count; head++) {
      const i = queue[head]!;
      if (this.sink[i]! > EPSILON) reached = true;
      for (let arc = i * ARCS; arc < (i + 1) * ARCS; arc++) {
        const j = to[arc]!;
        if (j < 0 || level[j] || capacity[arc]! <= EPSILON) continue;
        level[j] = level[i]! + 1;
        queue[count++] = j;
      }
    }
    return reached;
  }

  /** Sends up to `most` from a pixel to the sink along one path of rising levels; what arrived. */
  private send(start: number, most: number): number {
    const { level, next, to, capacity, sink } = this;
    const path: number[] = [];
    let i = start;
    for (;;) {
      if (sink[i]! > EPSILON) {
        let sent = Math.min(most, sink[i]!);
        for (const arc of path) sent = Math.min(sent, capacity[arc]!);
        sink[i]! -= sent;
        for (const arc of path) {
          capacity[arc]! -= sent;
          capacity[backOf(arc, to)]! += sent;
        }
        return sent;
      }
      let arc = -1;
      for (; next[i]! < ARCS; next[i]!++) {
        const k = i * ARCS + next[i]!;
        if (to[k]! >= 0 && capacity[k]! > EPSILON && level[to[k]!] === level[i]! + 1) {
          arc = k;
          break;
        }
      }
      if (arc >= 0) {
        path.push(arc);
        i = to[arc]!;
      } else {
        const last = path.pop();
        if (last === undefined) return 0;
        i = Math.floor(last / ARCS);
        next[i]!++;
      }
    }
  }
}

/** The arc the other way. */
function backOf(arc: number, to: Int32Array): number {
  const k = arc % ARCS;
  return to[arc]! * ARCS + (k < OWNED.length ? k + OWNED.length : k - OWNED.length);
}
