import type { Node, Value } from './graph.js';
import { add } from './ops/elementwise.js';
import { expandTo } from './ops/shape.js';
import { ShapeError, sameShape, show } from './types.js';

/**
 * Reverse mode: the derivative of a scalar `loss` to each value of `wrt`, as new nodes of the same graph.
 *
 * Only values between `wrt` and `loss` get a cotangent, so frozen weights cost nothing.
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
    if (!node.outputs[0]!.dtype.startsWith('float')) continue; // masks and indices: constant from here on
    if (!node.op.gradient) throw new ShapeError(`gradients: ${node.op.name} has no gradient rule`);
    tape.push(node);
    for (const v of node.outputs) active.add(v);
  }

  const cotangents = new Map<Value, Value>([[loss, graph.scalar(1)]]);
  for (const node of tape.reverse()) {
    const dy = node.outputs.map((v) => cotangents.get(v));
    if (dy.every((d) => d === undefined)) continue;
    const wants = node.inputs.map((v) => active.has(v));
    const dx = node.op.gradient!(node, dy, wants);
    for (const [i, x] of node.inputs.entries()) {
      const d = dx[i];
      if (!wants[i] || !d) continue;
      if (!sameShape(d.shape, x.shape)) {
        throw new ShapeError(
          `${node.op.name}: gradient of input ${i} is ${show(d.shape)}, not ${show(x.shape)}`,
        );
      }
      const sum = cotangents.get(x);
      cotangents.set(x, sum ? add(sum, d) : d);
    }
  }

  return wrt.map((v) => {
    const d = cotangents.get(v);
    if (!d) throw new ShapeError(`gradients: the loss does not depend on '${v.name}'`);
    return sameShape(d.shape, v.shape) ? d : expandTo(d, v.shape);
  });
}
