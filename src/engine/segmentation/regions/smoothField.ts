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
  const basis = basisOf(width, height);
  const bases = new Float64Array(samples.length * TERMS);
  const colours = new Float64Array(samples.length * 3);
  samples.forEach((i, n) => {
    basis(i, bases, n * TERMS);
    for (let c = 0; c < 3; c++) colours[n * 3 + c] = data[i * 3 + c]!;
  });
  let field = new Float64Array(3 * TERMS);
  for (let round = 0; round < ROUNDS; round++) {
    // The scale tightens from "any colour" to a few just noticeable differences.
    const scale = Math.max(4, 30 * 0.75 ** round);
    const gram = new Float64Array(TERMS * TERMS);
    const right = new Float64Array(3 * TERMS);
    for (let n = 0, from = 0; n < samples.length; n++, from += TERMS) {
      let error = 0;
      if (round > 0) {
        for (let c = 0; c < 3; c++) error += (colours[n * 3 + c]! - dot(field, c * TERMS, bases, from)) ** 2;
      }
      const weight = 1 / (1 + error / (scale * scale));
      for (let p = 0; p < TERMS; p++) {
        const weighted = weight * bases[from + p]!;
        for (let q = 0; q < TERMS; q++) gram[p * TERMS + q]! += weighted * bases[from + q]!;
        for (let c = 0; c < 3; c++) right[c * TERMS + p]! += weighted * colours[n * 3 + c]!;
      }
    }
    // A little ridge keeps the field flat where few pixels hold it.
    for (let p = 1; p < TERMS; p++) gram[p * TERMS + p]! += 0.02 * samples.length;
    field = new Float64Array(3 * TERMS);
    for (let c = 0; c < 3; c++) field.set(solve(gram, right.subarray(c * TERMS, (c + 1) * TERMS)), c * TERMS);
  }
  const rest = new Float32Array(data.length);
  const here = new Float64Array(TERMS);
  for (let i = 0; i < width * height; i++) {
    basis(i, here, 0);
    for (let c = 0; c < 3; c++) rest[i * 3 + c] = data[i * 3 + c]! - dot(field, c * TERMS, here, 0);
  }
  return { width, height, data: rest };
}

/** 1, x, y, x² , y², xy with x and y from -1 to 1; squares are centred. */
function basisOf(width: number, height: number): (i: number, out: Float64Array, at: number) => void {
  return (i, out, at) => {
    const column = i % width;
    const x = (2 * column) / Math.max(1, width - 1) - 1;
    const y = (2 * ((i - column) / width)) / Math.max(1, height - 1) - 1;
    out[at] = 1;
    out[at + 1] = x;
    out[at + 2] = y;
    out[at + 3] = x * x - 1 / 3;
    out[at + 4] = y * y - 1 / 3;
    out[at + 5] = x * y;
  };
}

function dot(a: Float64Array, ofA: number, b: Float64Array, ofB: number): number {
  let sum = 0;
  for (let k = 0; k < TERMS; k++) sum += a[ofA + k]! * b[ofB + k]!;
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
