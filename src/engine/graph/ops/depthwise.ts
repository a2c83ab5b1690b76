/** Convolutions that keep to their channel: ONNX's Conv with as many groups as channels. */
import { apply, type Op, type Value } from '../graph.js';
import { fixed, type Shape, ShapeError, show } from '../types.js';
import { type ConvAttrs, outputPadding, outputSize } from './conv.js';
import { reduceSum } from './broadcast.js';
import { slice } from './concat.js';
import { reshape } from './reshape.js';

const onnxAttrs = ({ stride, dilation, pads }: ConvAttrs, channels: number) => ({
  strides: [stride, stride],
  dilations: [dilation, dilation],
  pads,
  group: channels,
});

const requireChannels = (op: string, x: Shape, w: Shape): void => {
  if (x.length !== 4 || w.length !== 4 || w[1] !== 1 || x[1] !== w[0]) {
    throw new ShapeError(`${op}: ${show(x)} by ${show(w)}`);
  }
};

const DepthwiseConv: Op<ConvAttrs> = {
  name: 'DepthwiseConv',
  infer([x, w], attrs) {
    requireChannels('DepthwiseConv', x!.shape, w!.shape);
    const [n, c, h, wide] = x!.shape;
    const [, , kh, kw] = w!.shape;
    const [t, l, b, r] = attrs.pads;
    const size = (side: typeof h, kernel: typeof kh, before: number, after: number): number =>
      outputSize(fixed(side), fixed(kernel), before, after, attrs);
    return [{ dtype: x!.dtype, shape: [n!, c!, size(h, kh, t, b), size(wide, kw, l, r)] }];
  },
  lower(emit, inputs, outputs, { attrs, inputs: [x] }) {
    emit.node('Conv', inputs, onnxAttrs(attrs, fixed(x!.shape[1])), outputs);
  },
  gradient({ inputs: [x, w, b], attrs }, [dy], wants) {
    return [
      wants[0] ? depthwiseConvTranspose2d(dy!, w!, x!.shape, attrs) : undefined,
      wants[1] ? weightGradient(x!, dy!, w!.shape, attrs) : undefined,
      ...(b ? [wants[2] ? reduceSum(dy!, [0, 2, 3]) : undefined] : []),
    ];
  },
};

/** torch.nn.Conv2d with groups = channels: x [N, C, H, W], weight [C, 1, kh, kw], bias [C] -> [N, C, H', W']. */
export function depthwiseConv2d(
  x: Value,
  weight: Value,
  bias?: Value,
  attrs: Partial<ConvAttrs> = {},
): Value {
  const full: ConvAttrs = { stride: 1, dilation: 1, pads: [0, 0, 0, 0], ...attrs };
  return apply(DepthwiseConv, bias ? [x, weight, bias] : [x, weight], full);
}

const DepthwiseConvTranspose: Op<ConvAttrs & { shape: Shape }> = {
  name: 'DepthwiseConvTranspose',
  infer([y, w], attrs) {
    requireChannels('DepthwiseConvTranspose', y!.shape, w!.shape);
    return [{ dtype: y!.dtype, shape: attrs.shape }];
  },
  lower(emit, inputs, outputs, { inputs: [y, w], attrs }) {
    const output_padding = outputPadding(y!.shape, w!.shape, attrs);
    emit.node('ConvTranspose', inputs, { ...onnxAttrs(attrs, fixed(y!.shape[1])), output_padding }, outputs);
  },
  gradient({ inputs: [y, w], attrs: { shape: _, ...attrs } }, [dx], wants) {
    return [
      wants[0] ? depthwiseConv2d(dx!, w!, undefined, attrs) : undefined,
      wants[1] ? weightGradient(dx!, y!, w!.shape, attrs) : undefined,
    ];
  },
};

/** The adjoint of depthwiseConv2d in x: dy [N, C, H', W'], weight [C, 1, kh, kw] -> [N, C, H, W] = `shape`. */
export const depthwiseConvTranspose2d = (dy: Value, weight: Value, shape: Shape, attrs: ConvAttrs): Value =>
  apply(DepthwiseConvTranspose, [dy, weight], { ...attrs, shape });

/**
 * dW[c, a, b] = Σ_n Σ_p x[n, c, s·p + d·a] dy[n, c, p]: samples and channels as the channels of one depthwise
 * convolution by dy, the stride as dilation and the dilation as stride; then the sum over samples.
 */
function weightGradient(x: Value, dy: Value, shape: Shape, { stride, dilation, pads }: ConvAttrs): Value {
  const [n, c, h, w] = x.shape.map(fixed) as [number, number, number, number];
  const kernel = reshape(dy, [n * c, 1, ...dy.shape.slice(2)]);
  const all = depthwiseConv2d(reshape(x, [1, n * c, h, w]), kernel, undefined, {
    stride: dilation,
    dilation: stride,
    pads,
  });
  const cut = slice(slice(all, 2, 0, fixed(shape[2])), 3, 0, fixed(shape[3]));
  return reduceSum(reshape(cut, [n, ...shape]), [0]);
}
