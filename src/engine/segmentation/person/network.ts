/**
 * MediaPipe's selfie segmentation as a graph of the engine's own ops: a small MobileNetV3 (A. Howard et al., 2019), a
 * pooled pyramid at its end, and three steps up again that choose from the way down by squeeze and excitation
 * (J. Hu et al., 2018). training/selfie/convert.py writes the weights; the layers' names are the same there.
 */
import type { Graph, Value } from '../../graph/graph.js';
import {
  add,
  conv2d,
  convTranspose2d,
  depthwiseConv2d,
  matmul,
  mul,
  reduceMean,
  relu,
  reshape,
  sigmoid,
  sub,
} from '../../graph/ops/index.js';
import { fixed } from '../../graph/types.js';

/** The network sees every picture at this width and height. */
export const NETWORK_SIDE = 256;

/** A weight of the network by its name. */
export type Weight = (name: string) => Value;

interface Block {
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  readonly act: 'relu' | 'hardSwish';
  readonly excite?: true;
  /** Whether the block's input is added to what comes out. */
  readonly residual?: true;
}

const BLOCKS: readonly Block[] = [
  { kernel: 3, stride: 2, act: 'relu', excite: true },
  { kernel: 3, stride: 2, act: 'relu' },
  { kernel: 3, stride: 1, act: 'relu', residual: true },
  { kernel: 5, stride: 2, act: 'hardSwish', excite: true },
  ...Array.from({ length: 4 }, (): Block => {
    return { kernel: 5, stride: 1, act: 'hardSwish', excite: true, residual: true };
  }),
];
/** Blocks whose outputs the steps up look back at, the smallest first; before them all, the stem. */
const LOOKED_BACK_AT = [2, 0] as const;

export interface SelfieOutputs {
  /** [1, 1, 256, 256], the probability of a person. */
  readonly person: Value;
  /** What the network sees on its way, [1, C, side, side]: `FEATURES` says in which order. */
  readonly features: readonly Value[];
}

/** Channels and side of each of the features. */
export const FEATURES = [
  { channels: 16, side: 64 },
  { channels: 24, side: 32 },
  { channels: 32, side: 16 },
  { channels: 24, side: 32 },
  { channels: 16, side: 64 },
  { channels: 16, side: 128 },
] as const;

/** @param picture [1, 3, 256, 256], sRGB from 0 to 1 */
export function selfieNetwork(picture: Value, weight: Weight): SelfieOutputs {
  const layers = new Layers(picture.graph, weight);
  const stem = hardSwish(layers.conv('stem', picture, 3, 2));
  const down: Value[] = [];
  BLOCKS.forEach((block, k) => down.push(layers.block(`blocks.${k}`, down.at(-1) ?? stem, block)));
  let up = layers.pyramid(down.at(-1)!);
  const steps = [...LOOKED_BACK_AT.map((k) => down[k]!), stem].map(
    (skip, k) => (up = layers.stepUp(`decoder.${k}`, up, skip)),
  );
  const whole = [1, 1, NETWORK_SIDE, NETWORK_SIDE];
  const attrs = { stride: 2, dilation: 1, pads: [0, 0, 0, 0] } as const;
  const head = convTranspose2d(up, weight('head.weight'), whole, attrs);
  const person = sigmoid(add(head, reshape(weight('head.bias'), [1, 1, 1, 1])));
  return { person, features: [down[0]!, down[2]!, down.at(-1)!, ...steps] };
}

class Layers {
  constructor(
    private readonly graph: Graph,
    private readonly weight: Weight,
  ) {}

  conv(name: string, x: Value, kernel = 1, stride = 1): Value {
    const attrs = { stride, pads: samePads(x, kernel, stride) };
    return conv2d(x, this.weight(`${name}.weight`), this.weight(`${name}.bias`), attrs);
  }

  depthwise(name: string, x: Value, kernel: number, stride = 1): Value {
    const attrs = { stride, pads: samePads(x, kernel, stride) };
    return depthwiseConv2d(x, this.weight(`${name}.weight`), this.weight(`${name}.bias`), attrs);
  }

  /** What every channel counts for, from the means of all: [1, C, 1, 1] between 0 and 1. */
  excite(name: string, x: Value): Value {
    const mean = reduceMean(x, [2, 3], true);
    return sigmoid(this.conv(`${name}.up`, relu(this.conv(`${name}.down`, mean))));
  }

  block(name: string, x: Value, { kernel, stride, act, excite, residual }: Block): Value {
    const activate = act === 'relu' ? relu : hardSwish;
    let inner = activate(this.conv(`${name}.expand`, x));
    inner = activate(this.depthwise(`${name}.depthwise`, inner, kernel, stride));
    if (excite) inner = mul(inner, this.excite(`${name}.excite`, inner));
    const out = this.conv(`${name}.project`, inner);
    return residual ? add(out, x) : out;
  }

  pyramid(x: Value): Value {
    const gate = sigmoid(this.conv('pyramid.gate', reduceMean(x, [2, 3], true)));
    return mul(relu(this.conv('pyramid.features', x)), gate);
  }

  stepUp(name: string, x: Value, skip: Value): Value {
    const up = this.conv(`${name}.lateral`, this.twice(x));
    const chosen = mul(skip, this.excite(`${name}.excite`, add(skip, up)));
    const mixed = relu(this.conv(`${name}.mix`, add(chosen, up)));
    return add(mixed, relu(this.depthwise(`${name}.depthwise`, mixed, 3)));
  }

  /** Twice the size, bilinear between pixel centres: one matrix for rows and one for columns. */
  private twice(x: Value): Value {
    const side = fixed(x.shape[2]);
    const columns = this.graph.constant(doubling(side), [side, 2 * side]);
    const rows = this.graph.constant(transposed(doubling(side), side, 2 * side), [2 * side, side]);
    return matmul(rows, matmul(x, columns));
  }
}

/** x·min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, section 5.2). */
function hardSwish(x: Value): Value {
  const clipped = sub(relu(add(x, 3)), relu(sub(x, 3)));
  return mul(x, mul(clipped, 1 / 6));
}

/** TensorFlow's SAME: as many places as strides fit, the odd pixel of padding at the far side. */
function samePads(x: Value, kernel: number, stride: number): readonly [number, number, number, number] {
  const side = fixed(x.shape[2]);
  const total = Math.max(0, (Math.ceil(side / stride) - 1) * stride + kernel - side);
  const before = Math.floor(total / 2);
  return [before, before, total - before, total - before];
}

/** [side, 2·side]: column j holds the two shares of the pixels around (j + 0.5) / 2 - 0.5, clamped at the rim. */
function doubling(side: number): Float32Array {
  const matrix = new Float32Array(side * 2 * side);
  for (let j = 0; j < 2 * side; j++) {
    const at = Math.min(side - 1, Math.max(0, (j + 0.5) / 2 - 0.5));
    const low = Math.floor(at);
    const high = Math.min(side - 1, low + 1);
    matrix[low * 2 * side + j]! += 1 - (at - low);
    matrix[high * 2 * side + j]! += at - low;
  }
  return matrix;
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: matrix.length }, (_, i) => {
    return matrix[(i % rows) * columns + Math.floor(i / rows)]!;
  });
}
