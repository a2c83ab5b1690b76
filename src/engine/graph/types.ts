/** Element types the engine uses; a subset of ONNX TensorProto.DataType. */
export type DType = 'float32' | 'float16' | 'int32' | 'int64' | 'bool';

/** A dimension: a size, or the name of a size known only when the graph runs. */
export type Dim = number | string;
export type Shape = readonly Dim[];

export interface Type {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** What an initializer holds: bytes in memory, or a slice of a file that ONNX Runtime maps itself. */
export type TensorSource =
  | { readonly kind: 'inline'; readonly data: Float32Array | Uint16Array | Int32Array | BigInt64Array }
  | {
      readonly kind: 'external';
      readonly location: string;
      readonly offset: number;
      readonly length: number;
    };

/** A shape or type that does not fit, found while the graph is built. Always a bug of the caller. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export const show = (shape: Shape): string => `[${shape.join(', ')}]`;

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** NumPy broadcasting (ONNX "Multidirectional Broadcasting"). */
export function broadcast(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new ShapeError(`${op}: cannot broadcast ${show(a)} with ${show(b)}`);
  });
}

/** Number of elements; throws on a symbolic dimension. */
export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((n, d) => n * fixed(d), 1);
}

/** The dimension as a number; throws on a symbolic one. */
export function fixed(dim: Dim | undefined): number {
  if (typeof dim !== 'number') throw new ShapeError(`a fixed dimension is needed here, not '${dim}'`);
  return dim;
}

/** A non-negative axis. */
export function axisOf(op: string, axis: number, shape: Shape): number {
  const at = axis < 0 ? axis + shape.length : axis;
  if (at < 0 || at >= shape.length) throw new ShapeError(`${op}: no axis ${axis} in ${show(shape)}`);
  return at;
}
