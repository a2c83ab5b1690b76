import type { Graph, Node, Value } from './graph.js';
import { liveNodes, liveValues } from './onnx.js';
import { runOrder, writtenOrder } from './order.js';
import { type DType, sizeOf } from './types.js';

/** What a graph of fixed shapes needs to run, in bytes. */
export interface Footprint {
  /** Weights, which ONNX Runtime maps from their files. */
  readonly weights: number;
  /** Those of them that products multiply by, which a session may hold another copy of (see runtime/thrift.ts). */
  readonly repacked: number;
  /** What is alive at once between inputs and outputs, at most. */
  readonly activations: number;
}

const BYTES: Record<DType, number> = { float32: 4, float16: 2, int32: 4, int64: 8, bool: 1 };
/** Ops whose kernels write into the memory of an input that nobody needs after them. */
const IN_PLACE = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Neg',
  'Exp',
  'Sqrt',
  'Sigmoid',
  'Softmax',
  'After',
  'Gelu',
]);

const bytesOf = (v: Value): number => BYTES[v.dtype] * sizeOf(v.shape);

/**
 * Walks the graph as ONNX Runtime will run it, node by node, and counts what is alive. Accurate as far as memory is given
 * back when nobody needs it (see CompileOptions.arena).
 */
export function footprint(graph: Graph): Footprint {
  const live = liveValues(graph);
  const nodes = runOrder(writtenOrder(liveNodes(graph, live)));
  const storage = storages(nodes);
  const lastUse = new Map<Value, number>();
  for (const [i, { inputs, outputs }] of nodes.entries())
    for (const v of [...inputs, ...outputs]) lastUse.set(storage(v), i);
  for (const v of graph.outputs.values()) lastUse.set(storage(v), Number.POSITIVE_INFINITY);

  const given = new Set<Value>([...graph.inputs, ...graph.initializers.keys()]);
  let [alive, most] = [0, 0];
  for (const [i, node] of nodes.entries()) {
    const made = [...new Set(node.outputs.filter((v) => live.has(v)).map(storage))].filter(
      (v) => v.node === node,
    );
    const dying = [...new Set(node.inputs.map(storage))].filter((v) => lastUse.get(v) === i && !given.has(v));
    const size = made.reduce((sum, v) => sum + bytesOf(v), 0);
    const reused =
      IN_PLACE.has(node.op.name) && dying.some((v) => bytesOf(v) === bytesOf(node.outputs[0]!)) ? size : 0;
    most = Math.max(most, alive + size - reused + (node.op.scratch?.(node) ?? 0));
    alive += size;
    for (const v of dying) alive -= bytesOf(v);
    for (const v of made) if (lastUse.get(v) === i) alive -= bytesOf(v);
  }
  const factors = new Set(nodes.flatMap(({ op, inputs }) => (op.name === 'Gemm' ? [inputs[1]!] : [])));
  let [weights, repacked] = [0, 0];
  for (const [v, source] of graph.initializers) {
    if (source.kind !== 'external' || !live.has(v)) continue;
    weights += source.length;
    if (factors.has(v)) repacked += source.length;
  }
  return { weights, repacked, activations: most };
}

/** Whose memory a value lies in: a reshaped tensor is the tensor. */
function storages(nodes: readonly Node[]): (v: Value) => Value {
  const owner = new Map<Value, Value>();
  for (const { op, inputs, outputs } of nodes)
    if (op.name === 'Reshape') owner.set(outputs[0]!, owner.get(inputs[0]!) ?? inputs[0]!);
  return (v) => owner.get(v) ?? v;
}
