import type { Precision } from '../halves.js';
import type { DType } from './types.js';

/** Products: where the time goes, and a device adds up in float32 whatever it multiplies. */
const HALF = new Set([
  'Conv',
  'ConvTranspose',
  'DepthwiseConv',
  'DepthwiseConvTranspose',
  'MatMul',
  'Gemm',
  'Attention',
]);
/** What leaves the range of halves, adds up many of them, or turns on their last digits. */
const FULL = new Set(['Exp', 'Sqrt', 'Sin', 'Cos', 'Softmax', 'ReduceSum']);
/** What is there to change the type, or has nothing to do with it. */
const AS_THEY_ARE = new Set(['Cast', 'After']);

export const isFloat = (dtype: DType): dtype is 'float32' | 'float16' =>
  dtype === 'float32' || dtype === 'float16';

/**
 * The type that the float inputs of an op are cast to, by the precision of the stretch of the graph that it stands in: the
 * one place where it is decided what is a half. After PyTorch's autocast (docs.pytorch.org/docs/stable/amp.html, "CUDA
 * Op-Specific Behavior"): products take halves, a few ops float32, and all others the widest of what they are given.
 * Norms are among these: their statistics are float32 whatever they norm.
 * @returns undefined where inputs stay as they are
 */
export function castTo(op: string, precision: Precision, inputs: readonly DType[]): DType | undefined {
  if (AS_THEY_ARE.has(op)) return undefined;
  if (precision === 'full' || FULL.has(op)) return 'float32';
  if (HALF.has(op)) return 'float16';
  return inputs.includes('float32') ? 'float32' : 'float16';
}
