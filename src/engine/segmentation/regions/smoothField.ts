/** A smooth field of colour over the picture: the ground's light and gradient. */
import type { LabPicture } from '../lab.js';

const TERMS = 6;
const ROUNDS = 12;

/**
 * What is left of every pixel's colour when the dominating smooth field of the chosen pixels is taken away: a quadratic
 * in x and y for each channel, fitted by iterated least squares with Cauchy weights, so that what does not belong
 * (objects cut by the rim, lines of a texture) does not pull it.
 */
export function withoutSmoothField(picture: LabPicture, chosen: Uint8Array): LabPicture {
  const { width, height, data } = picture;
  const samples: number[] = [];
  for (let i = 0; i < chosen.length; i++) if (chosen[i]) samples.push(i);
  const basis = new Float64Array(TERMS);
  let field: Float64Array[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // The scale tightens from "any colour" to a few just noticeable differences.
    const scale = Math.max(4, 30 * 0.75 ** round);
    const gram = new Float64Array(TERMS * TERMS);
    const right = [0, 1, 2].map(() => new Float64Array(TERMS));
    for (const i of samples) {
      basisAt(i, width, height, basis);
      let error = 0;
      if (field.length > 0) {
        for (let c = 0; c < 3; c++) error += (data[i * 3 + c]! - dot(field[c]!, basis)) ** 2;
      }
      const weight = 1 / (1 + error / (scale * scale));
      for (let p = 0; p < TERMS; p++) {
        for (let q = 0; q < TERMS; q++) gram[p * TERMS + q]! += weight * basis[p]! * basis[q]!;
        for (let c = 0; c < 3; c++) right[c]![p]! += weight * basis[p]! * data[i * 3 + c]!;
      }
    }
    // A little ridge keeps the field flat where few pixels hold it.
    for (let p = 1; p < TERMS; p++) gram[p * TERMS + p]! += 0.02 * samples.length;
    field = right.map((vector) => solve(gram, vector));
  }
  const rest = new Float32Array(data.length);
  for (let i = 0; i < width * height; i++) {
    basisAt(i, width, height, basis);
    for (let c = 0; c < 3; c++) rest[i * 3 + c] = data[i * 3 + c]! - dot(field[c]!, basis);
  }
  return { width, height, data: rest };
}

/** 1, x, y, x² , y², xy with x and y from -1 to 1; squares are centred. */
function basisAt(i: number, width: number, height: number, out: Float64Array): void {
  const x = (2 * (i % width)) / Math.max(1, width - 1) - 1;
  const y = (2 * Math.floor(i / width)) / Math.max(1, height - 1) - 1;
  out[0] = 1;
  out[1] = x;
  out[2] = y;
  out[3] = x * x - 1 / 3;
  out[4] = y * y - 1 / 3;
  out[5] = x * y;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < TERMS; k++) sum += a[k]! * b[k]!;
  return sum;
}

/** Gaussian elimination; the matrix is symmetric and positive, so that no pivoting is needed. */
function solve(matrix: Float64Array, vector: Float64Array): Float64Array {
  const a = Float64Array.from(matrix);
  const b = Float64Array.from(vector);
  for (let k = 0; k < TERMS; k++) {
    for (let row = k + 1; row < TERMS; row++) {
      const factor = a[row * TERMS + k]! / (a[k * TERMS + k]! || 1);
      for (let column = k; column < TERMS; column++)
        a[row * TERMS + column]! -= factor * a[k * TERMS + column]!;
      b[row]! -= factor * b[k]!;
    }
  }
  for (let k = TERMS - 1; k >= 0; k--) {
    for (let column = k + 1; column < TERMS; column++) b[k]! -= a[k * TERMS + column]! * b[column]!;
    b[k]! /= a[k * TERMS + k]! || 1;
  }
  return b;
}
