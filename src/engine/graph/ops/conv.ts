import type { Emitter } from '../emitter.js';
import { apply, type Node, type Op, type Value } from '../graph.js';
import { fixed, type Shape, ShapeError, show, sizeOf } from '../types.js';
import { reduceSum } from './broadcast.js';
import { slice } from './concat.js';
import { transpose } from './reshape.js';

export interface ConvAttrs {
  readonly stride: number;
  readonly dilation: number;
  /** ONNX order: top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/** How many places a kernel has along a side that is padded by `before` and `after`. */
export const outputSize = (
  size: number,
  kernel: number,
  before: number,
  after: number,
  { stride, dilation }: Pick<ConvAttrs, 'stride' | 'dilation'>,
): number => Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;

function convShape(x: Shape, w: Shape, attrs: ConvAttrs): Shape {
  const [n, c, h, wide] = x;
  const [o, i, kh, kw] = w;
  if (x.length !== 4 || w.length !== 4 || c !== i) throw new ShapeError(`Conv: ${show(x)} by ${show(w)}`);
  const [t, l, b, r] = attrs.pads;
  return [
    n!,
    o!,
    outputSize(fixed(h), fixed(kh), t, b, attrs),
    outputSize(fixed(wide), fixed(kw), l, r, attrs),
  ];
}

const onnxAttrs = ({ stride, dilation, pads }: ConvAttrs) => ({
  strides: [stride, stride],
  dilations: [dilation, dilation],
  pads,
});

const Conv: Op<ConvAttrs> = {
  name: 'Conv',
  infer: ([x, w], attrs) => [{ dtype: x!.dtype, shape: convShape(x!.shape, w!.shape, attrs) }],
  lower: (emit, inputs, outputs, { attrs }) => void emit.node('Conv', inputs, onnxAttrs(attrs), outputs),
  gradient({ inputs: [x, w, b], attrs }, [dy], wants) {
    return [
      wants[0] ? convTranspose2d(dy!, w!, x!.shape, attrs) : undefined,
      wants[1] ? convWeightGradient(x!, dy!, w!.shape, attrs) : undefined,
      ...(b ? [wants[2] ? reduceSum(dy!, [0, 2, 3]) : undefined] : []),
    ];
  },
};

/**
 * Cross-correlation as torch.nn.Conv2d: x [N, I, H, W], weight [O, I, kh, kw], bias [O] -> [N, O, H', W'].
 * `pads` may differ a side (the VAE's downsampling pads right and bottom only).
 */
export function conv2d(x: Value, weight: Value, bias?: Value, attrs: Partial<ConvAttrs> = {}): Value {
  const full: ConvAttrs = { stride: 1, dilation: 1, pads: [0, 0, 0, 0], ...attrs };
  return apply(Conv, bias ? [x, weight, bias] : [x, weight], full);
}

/** What the forward convolution did not reach at the far edges, when the stride does not divide. */
export function outputPadding(y: Shape, w: Shape, attrs: ConvAttrs & { shape: Shape }): number[] {
  const [t, l, b, r] = attrs.pads;
  return [2, 3].map((axis, k) => {
    const kernel = attrs.dilation * (fixed(w[axis]) - 1) + 1;
    const reached = (fixed(y[axis]) - 1) * attrs.stride + kernel - (k === 0 ? t + b : l + r);
    return fixed(attrs.shape[axis]) - reached;
  });
}

type Transposed = ConvAttrs & { readonly shape: Shape };

/**
 * Whether it is computed as a convolution by the turned weight, for which the CPU has a kernel half as fast again: where there
 * are more places than channels. Else turning the weight takes longer than it saves (docs/benchmarks.md has the figures).
 */
function isConvolution({ inputs: [y, w], attrs }: Node<Transposed>): boolean {
  const [n, channels, ...places] = y!.shape.map(fixed) as [number, number, number, number];
  const reaches = attrs.pads.every((pad, side) => pad < fixed(w!.shape[2 + (side % 2)]));
  return (
    y!.graph.onCpu && attrs.stride === 1 && attrs.dilation === 1 && reaches && n * sizeOf(places) > channels
  );
}

/** [O, I, kh, kw] -> [I, O, kh, kw], each kernel turned by half a circle, so that whole rows are moved (O numbers at a time). */
function lowerAsConvolution(
  emit: Emitter,
  [y, w]: readonly string[],
  outputs: readonly string[],
  { inputs: [, weight], attrs: { pads } }: Node<Transposed>,
): void {
  const [o, i, kh, kw] = weight!.shape.map(fixed) as [number, number, number, number];
  const flat = emit.node('Reshape', [w!, emit.ints([o, i, kh * kw])]);
  const places = emit.node('Transpose', [flat], { perm: [1, 2, 0] });
  const backwards = emit.ints(Array.from({ length: kh * kw }, (_, k) => kh * kw - 1 - k));
  const turned = kh * kw === 1 ? places : emit.node('Gather', [places, backwards], { axis: 1 });
  const kernels = emit.node('Transpose', [turned], { perm: [0, 2, 1] });
  const own = emit.node('Reshape', [kernels, emit.ints([i, o, kh, kw])]);
  const around = pads.map((pad, side) => (side % 2 === 0 ? kh : kw) - 1 - pad);
  emit.node('Conv', [y!, own], { pads: around }, outputs);
}

const ConvTranspose: Op<Transposed> = {
  name: 'ConvTranspose',
  infer([y, w], attrs) {
    const [, i] = [w!.shape[0], w!.shape[1]];
    if (y!.shape[1] !== w!.shape[0] || i !== attrs.shape[1]) {
      throw new ShapeError(`ConvTranspose: ${show(y!.shape)} by ${show(w!.shape)} to ${show(attrs.shape)}`);
    }
    return [{ dtype: y!.dtype, shape: attrs.shape }];
  },
  lower(emit, inputs, outputs, node) {
    if (isConvolution(node)) return lowerAsConvolution(emit, inputs, outputs, node);
    const {
      inputs: [y, w],
      attrs,
    } = node;
    const output_padding = outputPadding(y!.shape, w!.shape, attrs);
    emit.node('ConvTranspose', inputs, { ...onnxAttrs(attrs), output_padding }, outputs);
  },
  /** The CPU kernel multiplies into columns first, one picture of the batch at a time; or the weight turned, and before. */
  scratch(node) {
    const [y, w] = node.inputs;
    if (isConvolution(node)) return 4 * 2 * sizeOf(w!.shape);
    return 4 * sizeOf(w!.shape.slice(1)) * sizeOf(y!.shape.slice(2));
  },
  /** It is linear in both: the adjoint of the adjoint is the convolution itself. */
  gradient({ inputs: [y, w], attrs: { shape: _, ...attrs } }, [dx], wants) {
    return [
      wants[0] ? conv2d(dx!, w!, undefined, attrs) : undefined,
      wants[1] ? convWeightGradient(dx!, y!, w!.shape, attrs) : undefined,
    ];
  },
};

/** The adjoint of conv2d in x: dy [N, O, H', W'], weight [O, I, kh, kw] -> [N, I, H, W] = `shape`. */
export const convTranspose2d = (dy: Value, weight: Value, shape: Shape, attrs: ConvAttrs): Value =>
  apply(ConvTranspose, [dy, weight], { ...attrs, shape });

/**
 * dW[o, i, a, b] = Σ_n Σ_p x[n, i, s·p + d·a] dy[n, o, p]: a convolution with batch and channels swapped, the
 * stride as dilation and the dilation as stride.
 */
function convWeightGradient(x: Value, dy: Value, shape: Shape, { stride, dilation, pads }: ConvAttrs): Value {
  const swap = [1, 0, 2, 3];
  const dw = conv2d(transpose(x, swap), transpose(dy, swap), undefined, {
    stride: dilation,
    dilation: stride,
    pads,
  });
  const cut = slice(slice(dw, 2, 0, fixed(shape[2])), 3, 0, fixed(shape[3]));
  return transpose(cut, swap);
}
