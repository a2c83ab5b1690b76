import { gaussians } from '../diffusion/random.js';
import type { Denoiser } from '../families/family.js';
import type { Learned } from '../families/learned.js';
import { LORA_A, LORA_B } from '../models/lowRank.js';
import type { Tensor } from '../runtime/session.js';

/** Directions sought beyond those that are kept, and how often they are turned towards the largest (Halko et al. 2011). */
const [SPARE, TURNS] = [8, 6];
/** Rounds of rotations after which few directions stand at right angles to rounding. */
const SWEEPS = 12;

export interface Extracted {
  readonly learned: Learned;
  /** Of what was learned, how much the low rank keeps: 1 − ‖rest‖²/‖all‖². */
  readonly kept: number;
}

/**
 * Whole weights that were learned as low-rank updates beside the checkpoint's own: W' − W ≈ B·A, the best approximation
 * of that rank in the sum of squares (Eckart & Young 1936).
 * @throws Error when what was learned is no whole weights
 */
export function extractLora(learned: Learned, denoiser: Denoiser, rank: number): Extracted {
  const weights = new Map<string, Tensor>();
  let [all, rest] = [0, 0];
  for (const [name, { shape, data }] of learned.weights) {
    if (name.endsWith(LORA_A) || name.endsWith(LORA_B)) throw new Error(`${name} is of low rank already`);
    const [out, into] = shape as [number, number];
    const own = denoiser.read(name).data;
    const delta = Float64Array.from(data as Float32Array, (v, i) => v - (own[i] as number));
    const { a, b, squares } = lowRankOf(delta, out, into, Math.min(rank, out, into));
    const layer = name.replace(/\.weight$/, '');
    weights.set(`${layer}.${LORA_A}`, { shape: [a.length, into], data: joined(a) });
    // B is stored with a row an output
    const columns = joined(b);
    const rows = Float32Array.from(
      columns,
      (_, i) => columns[(i % b.length) * out + Math.floor(i / b.length)]!,
    );
    weights.set(`${layer}.${LORA_B}`, { shape: [out, b.length], data: rows });
    const whole = dot(delta, delta);
    all += whole;
    rest += Math.max(0, whole - squares);
  }
  return { learned: { ...learned, weights, loraScale: 1 }, kept: all === 0 ? 1 : 1 - rest / all };
}

interface Factors {
  /** Rows of A, [into] each, and columns of B, [out] each; singular values are shared between them. */
  readonly a: readonly Float64Array[];
  readonly b: readonly Float64Array[];
  /** Sum of the squares of the singular values that are kept. */
  readonly squares: number;
}

/** The largest singular directions of a matrix [out, into], by randomized subspace iteration (Halko et al. 2011, algorithm 4.4). */
function lowRankOf(matrix: Float64Array, out: number, into: number, rank: number): Factors {
  const count = Math.min(rank + SPARE, out, into);
  const rows = (x: Float64Array): Float64Array => {
    const y = new Float64Array(out);
    for (let i = 0; i < out; i++) y[i] = dot(matrix.subarray(i * into, (i + 1) * into), x);
    return y;
  };
  const columns = (y: Float64Array): Float64Array => {
    const x = new Float64Array(into);
    for (let i = 0; i < out; i++) addScaled(x, matrix.subarray(i * into, (i + 1) * into), y[i]!);
    return x;
  };
  let seen: Float64Array[] = Array.from({ length: count }, (_, k) =>
    Float64Array.from(gaussians(into, 1, k)),
  );
  let left: Float64Array[] = [];
  for (let turn = 0; turn <= TURNS; turn++) {
    left = orthonormal(seen.map(rows));
    seen = left.map(columns);
  }
  rotateApart(seen, left);
  const order = seen
    .map((row, k) => ({ k, size: Math.sqrt(dot(row, row)) }))
    .sort((p, q) => q.size - p.size)
    .slice(0, rank);
  return {
    a: order.map(({ k, size }) => seen[k]!.map((v) => (size > 0 ? v / Math.sqrt(size) : 0))),
    b: order.map(({ k, size }) => left[k]!.map((v) => v * Math.sqrt(size))),
    squares: order.reduce((sum, { size }) => sum + size ** 2, 0),
  };
}

/** Gram-Schmidt, each vector twice; what lies within the others becomes nothing. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const v = vector.slice();
    const before = Math.sqrt(dot(v, v));
    for (let pass = 0; pass < 2; pass++) for (const u of done) addScaled(v, u, -dot(u, v));
    const size = Math.sqrt(dot(v, v));
    done.push(v.map((x) => (size > 1e-12 * before ? x / size : 0)));
  }
  return done;
}

/** One-sided Jacobi (Hestenes 1958): rotates pairs of rows until all are at right angles, and `with_` along with them. */
function rotateApart(rows: Float64Array[], with_: Float64Array[]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let p = 0; p < rows.length; p++)
      for (let q = p + 1; q < rows.length; q++) {
        const [pp, qq, pq] = [dot(rows[p]!, rows[p]!), dot(rows[q]!, rows[q]!), dot(rows[p]!, rows[q]!)];
        if (Math.abs(pq) <= 1e-15 * Math.sqrt(pp * qq)) continue;
        const angle = 0.5 * Math.atan2(2 * pq, pp - qq);
        rotate(rows[p]!, rows[q]!, angle);
        rotate(with_[p]!, with_[q]!, angle);
      }
}

function rotate(p: Float64Array, q: Float64Array, angle: number): void {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < p.length; i++) [p[i], q[i]] = [c * p[i]! + s * q[i]!, c * q[i]! - s * p[i]!];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(to: Float64Array, vector: Float64Array, by: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += by * vector[i]!;
}

function joined(vectors: readonly Float64Array[]): Float32Array {
  const all = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const vector of vectors) {
    all.set(vector, at);
    at += vector.length;
  }
  return all;
}
