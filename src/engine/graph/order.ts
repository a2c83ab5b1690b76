import type { Node } from './graph.js';

/**
 * In which order ONNX Runtime runs nodes, and how to write them down so that it is nearly the order in which they were
 * built. It walks depth first from what nobody uses, last node first, and of a node's inputs goes into the one that stands
 * last in the file (`Graph::ReverseDFSFrom`, the default order of `GraphViewer`). Written as they were built, everything
 * that a backward pass derives from forward values alone would run before the pass itself, and be alive together.
 */
export function runOrder(nodes: readonly Node[]): Node[] {
  const place = placesOf(nodes);
  const used = new Set(nodes.flatMap((node) => producers(node, place)));
  const stack = nodes.filter((node) => !used.has(node)).map((node) => ({ node, entered: false }));
  const seen = new Set<Node>();
  const order: Node[] = [];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, entered } = top;
    if (entered) {
      order.push(node);
      continue;
    }
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push({ node, entered: true });
    const inputs = producers(node, place).sort((a, b) => place.get(a)! - place.get(b)!);
    for (const input of inputs) if (!seen.has(input)) stack.push({ node: input, entered: false });
  }
  return order;
}

/**
 * The same nodes, each still after its inputs, and of all that could come next the one that was built last: of a node's
 * inputs the one built first then stands last, and runs first. For the same reason what nobody uses stands at the end,
 * the first built last: a parameter's gradient is computed when the backward pass comes by, and what it is computed from
 * does not wait for the end of the pass.
 */
export function writtenOrder(nodes: readonly Node[]): Node[] {
  const place = placesOf(nodes);
  const users = new Map<Node, Node[]>();
  const missing = new Map<Node, number>();
  for (const node of nodes) {
    const inputs = producers(node, place);
    missing.set(node, inputs.length);
    for (const input of inputs) users.set(input, [...(users.get(input) ?? []), node]);
  }
  // places of nodes whose inputs are all written, in rising order
  const ready = nodes.filter((node) => missing.get(node) === 0).map((node) => place.get(node)!);
  const written: Node[] = [];
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    const node = nodes[at]!;
    written.push(node);
    for (const user of users.get(node) ?? []) {
      missing.set(user, missing.get(user)! - 1);
      if (missing.get(user) === 0) insert(ready, place.get(user)!);
    }
  }
  const last = nodes.filter((node) => !users.has(node)).reverse();
  return [...written.filter((node) => users.has(node)), ...last];
}

const placesOf = (nodes: readonly Node[]): Map<Node, number> => new Map(nodes.map((node, i) => [node, i]));

/** The nodes that a node's inputs come from, each once. */
const producers = ({ inputs }: Node, among: ReadonlyMap<Node, number>): Node[] =>
  [...new Set(inputs.map((v) => v.node).filter((node) => node !== undefined && among.has(node)))] as Node[];

/** Into a rising list, at its place. */
function insert(list: number[], value: number): void {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, value);
}
