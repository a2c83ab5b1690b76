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
  /** What ONNX Runtime holds at once between inputs and outputs, at most. */
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
  for (const v of graph.outputs.values()) lastUse.set(storage(v), nodes.length);

  const given = new Set<Value>([...graph.inputs, ...graph.initializers.keys()]);
  const buffers = new Buffers();
  for (const [i, node] of nodes.entries()) {
    const own = (v: Value): boolean => v.node === node;
    const made = [...new Set(node.outputs.filter((v) => live.has(v)).map(storage))].filter(own);
    const dying = [...new Set([...node.inputs.map(storage), ...made])].filter(
      (v) => lastUse.get(v) === i && !given.has(v),
    );
    const over = IN_PLACE.has(node.op.name)
      ? dying.find((v) => !own(v) && bytesOf(v) === bytesOf(node.outputs[0]!))
      : undefined;
    for (const v of made) buffers.take(v, i, over);
    for (const v of dying) if (v !== over) buffers.leave(v, i);
  }
  for (const v of graph.outputs.values()) buffers.keep(storage(v), nodes.length);
  const factors = new Set(nodes.flatMap(({ op, inputs }) => (op.name === 'Gemm' ? [inputs[1]!] : [])));
  let [weights, repacked] = [0, 0];
  for (const [v, source] of graph.initializers) {
    if (source.kind !== 'external' || !live.has(v)) continue;
    weights += source.length;
    if (factors.has(v)) repacked += source.length;
  }
  return { weights, repacked, activations: buffers.most(nodes) };
}

/**
 * Memory as ONNX Runtime hands it out (`FindReusableTensor` of its allocation planner): what a value has left is taken by the
 * next one of the same shape, however much later, and is given back after the last of them.
 */
class Buffers {
  readonly #all: { readonly bytes: number; readonly from: number; to: number }[] = [];
  readonly #of = new Map<Value, number>();
  readonly #left = new Map<string, number[]>();

  /** @param over the value that it is written over, where it is */
  take(v: Value, at: number, over: Value | undefined): void {
    const taken = (over && this.#of.get(over)) ?? this.#left.get(shapeKey(v))?.pop() ?? this.#all.length;
    if (taken === this.#all.length) this.#all.push({ bytes: bytesOf(v), from: at, to: at });
    this.#of.set(v, taken);
  }

  leave(v: Value, at: number): void {
    const own = this.#of.get(v);
    if (own === undefined) return;
    this.#all[own]!.to = at;
    const key = shapeKey(v);
    this.#left.set(key, [...(this.#left.get(key) ?? []), own]);
  }

  keep(v: Value, until: number): void {
    const own = this.#of.get(v);
    if (own !== undefined) this.#all[own]!.to = until;
  }

  /** Bytes of all at once, at most, each node's scratch included. */
  most(nodes: readonly Node[]): number {
    const change = new Float64Array(nodes.length + 2);
    for (const { bytes, from, to } of this.#all) {
      change[from]! += bytes;
      change[to + 1]! -= bytes;
    }
    let [alive, most] = [0, 0];
    for (const [i, node] of nodes.entries()) {
      alive += change[i]!;
      most = Math.max(most, alive + (node.op.scratch?.(node) ?? 0));
    }
    return most;
  }
}

const shapeKey = ({ dtype, shape }: Value): string => `${dtype} ${shape}`;

/** Whose memory a value lies in: a reshaped tensor is the tensor. */
function storages(nodes: readonly Node[]): (v: Value) => Value {
  const owner = new Map<Value, Value>();
  for (const { op, inputs, outputs } of nodes)
    if (op.name === 'Reshape') owner.set(outputs[0]!, owner.get(inputs[0]!) ?? inputs[0]!);
  return (v) => owner.get(v) ?? v;
}
