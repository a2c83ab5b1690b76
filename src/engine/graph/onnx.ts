import { Emitter, halvesOf, MICROSOFT, tensorProto, valueInfo } from './emitter.js';
import type { Graph, Node, Value } from './graph.js';
import { encodeModel } from './onnxProto.js';
import { writtenOrder } from './order.js';

/**
 * Opset 20: the newest that onnxruntime's CPU, CUDA and WebGPU kernels all match as long as no Pad node is used
 * (a kernel registered for version N does not match a newer schema of the op).
 */
const OPSET = 20;

export interface OnnxOptions {
  /**
   * Whether halves are float32 that is rounded to halves after each op, as ONNX Runtime's CPU kernels want it: where those
   * know no halves, it takes whole chains of nodes to float32 and rounds nothing in between (InsertCastTransformer), and
   * their results would be finer than any GPU's.
   */
  readonly rounded?: boolean;
}

/** Serialises the graph: only the nodes that its outputs depend on. */
export function toOnnx(graph: Graph, { rounded = false }: OnnxOptions = {}): Uint8Array {
  const emit = new Emitter(rounded ? 'float32' : 'float16');
  const needed = liveValues(graph);
  const nodes = writtenOrder(liveNodes(graph, needed));
  const weights = [...graph.initializers].filter(([value]) => needed.has(value));
  const isRounded = ({ dtype }: Value): boolean => rounded && dtype === 'float16';
  for (const [value] of weights) if (isRounded(value)) emit.widen(value.name);
  for (const node of nodes) {
    const [y] = node.outputs;
    const own = isRounded(y!) ? `${y!.name}.exact` : y!.name;
    const outputs = node.outputs.map((v, i) => (i === 0 ? own : needed.has(v) ? v.name : ''));
    while (outputs.length > 1 && outputs.at(-1) === '') outputs.pop();
    node.op.lower(
      emit,
      node.inputs.map((v) => v.name),
      outputs,
      node,
    );
    if (isRounded(y!)) emit.round(own, y!.name);
  }
  // these are what ONNX Runtime begins with, the last one first: in the order of what they copy
  const place = new Map(nodes.map((node, i) => [node, i]));
  const placeOf = ({ node }: Value): number => (node ? place.get(node)! : 0);
  const outputs = [...graph.outputs].sort(([, a], [, b]) => placeOf(a) - placeOf(b));
  for (const [name, value] of outputs) emit.node('Identity', [value.name], {}, [name]);

  return encodeModel({
    irVersion: 9,
    producerName: 'dedit',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: MICROSOFT, version: 1 },
    ],
    graph: {
      name: 'dedit',
      node: emit.nodes,
      initializer: [
        ...weights.map(([value, source]) => {
          const name = isRounded(value) ? halvesOf(value.name) : value.name;
          return tensorProto(name, value.dtype, value.shape, source);
        }),
        ...emit.initializers,
      ],
      input: graph.inputs.map((v) => valueInfo(v.name, v.dtype, v.shape)),
      output: [...graph.outputs].map(([name, v]) => valueInfo(name, v.dtype, v.shape)),
    },
  });
}

/** Values that some output depends on. */
export function liveValues(graph: Graph): Set<Value> {
  const live = new Set<Value>(graph.outputs.values());
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (node.outputs.some((v) => live.has(v))) for (const v of node.inputs) live.add(v);
  }
  return live;
}

/** The nodes that some output depends on, as they were built. */
export const liveNodes = (graph: Graph, live = liveValues(graph)): Node[] =>
  graph.nodes.filter((node) => node.outputs.some((v) => live.has(v)));
