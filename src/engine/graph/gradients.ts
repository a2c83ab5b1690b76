import type { Precision } from '../halves.js';
import { isFloat } from './autocast.js';
import type { Node, Value } from './graph.js';
import { after } from './ops/after.js';
import { cast } from './ops/cast.js';
import { add } from './ops/elementwise.js';
import { expandTo } from './ops/broadcast.js';
import { ShapeError, sameShape, show } from './types.js';

/**
 * Reverse mode: the derivative of a scalar `loss` to each value of `wrt`, as new nodes of the same graph.
 *
 * Only values between `wrt` and `loss` get a cotangent, so frozen weights cost nothing. What a segment of the graph
 * computed (see `Graph.segment`) is computed again when its turn comes.
 * @throws ShapeError when loss is not a scalar, when nothing connects it to one of `wrt`, or when an op on the way
 *   has no gradient rule.
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  const graph = loss.graph;
  if (loss.shape.length > 0)
    throw new ShapeError(`gradients: loss must be a scalar, not ${show(loss.shape)}`);

  const active = new Set<Value>(wrt);
  const tape: Node[] = [];
  for (const node of graph.nodes) {
    if (!node.inputs.some((v) => active.has(v))) continue;
    if (!isFloat(node.outputs[0]!.dtype)) continue; // masks and indices: constant from here on
    if (!node.op.gradient) throw new ShapeError(`gradients: ${node.op.name} has no gradient rule`);
    tape.push(node);
    for (const v of node.outputs) active.add(v);
  }

  // of what enters many segments (text, time): what each adds must not wait, with all it is computed from, for the last
  const sums = new Map<Value, Value>();
  const segments = new Map<number, Recomputation>();
  const again = (node: Node, dy: Value): Node => {
    if (node.segment === undefined) return node;
    const anchor = (): Value => [...sums.values()].reduce((before, sum) => after(sum, before), dy);
    const segment = segments.get(node.segment) ?? new Recomputation(node.segment, anchor());
    segments.set(node.segment, segment);
    return segment.of(node);
  };
  const cotangents = new Map<Value, Value>([[loss, graph.scalar(1)]]);
  for (const node of tape.reverse()) {
    const dy = node.outputs.map((v) => cotangents.get(v));
    if (dy.every((d) => d === undefined)) continue;
    for (const v of node.outputs) sums.delete(v);
    const wants = node.inputs.map((v) => active.has(v));
    const dx = graph.within(node.precision, () => {
      const first = dy.find((d) => d !== undefined)!;
      return node.op.gradient!(again(node, first), dy, wants);
    });
    for (const [i, x] of node.inputs.entries()) {
      if (!wants[i] || !dx[i]) continue;
      const d = cast(dx[i], x.dtype);
      if (!sameShape(d.shape, x.shape)) {
        throw new ShapeError(
          `${node.op.name}: gradient of input ${i} is ${show(d.shape)}, not ${show(x.shape)}`,
        );
      }
      const before = cotangents.get(x);
      const sum = before ? graph.within(precisionOf(x), () => add(before, d)) : d;
      cotangents.set(x, sum);
      if (before && x.node?.segment === undefined) sums.set(x, sum);
    }
  }

  return wrt.map((v) => {
    const d = cotangents.get(v);
    if (!d) throw new ShapeError(`gradients: the loss does not depend on '${v.name}'`);
    return sameShape(d.shape, v.shape) ? d : expandTo(d, v.shape);
  });
}

/** The precision in which sums of a value's type stay of that type. */
const precisionOf = ({ dtype }: Value): Precision => (dtype === 'float16' ? 'half' : 'full');

/** The nodes of one segment once more, from copies of what goes into it that exist no earlier than `anchor`. */
class Recomputation {
  readonly #again = new Map<Value, Value>();

  constructor(
    private readonly segment: number,
    private readonly anchor: Value,
  ) {}

  /** The node as its gradient rule shall see it. */
  of(node: Node): Node {
    const value = (v: Value): Value => this.#value(v);
    return { ...node, inputs: node.inputs.map(value), outputs: node.outputs.map(value) };
  }

  #value(v: Value): Value {
    const known = this.#again.get(v);
    if (known) return known;
    if (v.node?.segment === this.segment) {
      const { op, inputs, outputs, attrs, precision } = v.node;
      const values = inputs.map((x) => this.#value(x));
      const copies = v.graph.within(precision, () => v.graph.apply(op, values, attrs));
      for (const [i, copy] of copies.entries()) this.#again.set(outputs[i]!, copy);
      return this.#again.get(v)!;
    }
    // weights and integers are there all the time
    const stays = v.graph.initializers.has(v) || !isFloat(v.dtype);
    const entering = stays ? v : after(v, this.anchor);
    this.#again.set(v, entering);
    return entering;
  }
}
