import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What the nodes of one kind took. */
export interface OpCost {
  /** ONNX's name of the op. */
  readonly op: string;
  readonly calls: number;
  readonly ms: number;
  /** Of all nodes' time, 0–1. */
  readonly share: number;
}

/** Where nodes ran. */
export interface Placement {
  /** All of them, each once however often it ran. */
  readonly nodes: number;
  /** How many of them ran on the CPU, by ONNX's name of the op. */
  readonly onCpu: Readonly<Record<string, number>>;
}

/** One line of ONNX Runtime's trace, of which a kernel's has the category 'Node'; `dur` is in microseconds. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string; readonly node_index?: string };
}

/** What kernels did, a list a trace: one session writes one. */
function kernelsIn(prefix: string): TraceEvent[][] {
  const folder = dirname(prefix);
  const files = readdirSync(folder).filter((file) => file.startsWith(basename(prefix)));
  return files.map((file) =>
    (JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[]).filter(
      ({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'),
    ),
  );
}

/**
 * The costliest kinds of nodes in the traces that sessions wrote.
 * @param prefix as CompileOptions.trace had it
 * @param count how many
 */
export function costliest(prefix: string, count: number): OpCost[] {
  const costs = new Map<string, { calls: number; us: number }>();
  let all = 0;
  for (const { dur, args } of kernelsIn(prefix).flat()) {
    const op = args?.op_name ?? '?';
    const cost = costs.get(op) ?? { calls: 0, us: 0 };
    costs.set(op, { calls: cost.calls + 1, us: cost.us + dur });
    // the nodes in a Loop are there themselves
    if (op !== 'Loop') all += dur;
  }
  return [...costs]
    .map(([op, { calls, us }]) => ({ op, calls, ms: us / 1000, share: us / all }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, count);
}

/**
 * Where the nodes ran of the sessions that wrote traces.
 * @param prefix as CompileOptions.trace had it
 */
export function placementIn(prefix: string): Placement {
  const onCpu: Record<string, number> = {};
  let nodes = 0;
  for (const kernels of kernelsIn(prefix)) {
    const once = new Map(kernels.map((kernel) => [`${kernel.args?.node_index} ${kernel.name}`, kernel]));
    nodes += once.size;
    for (const { args } of once.values()) {
      const op = args?.op_name ?? '?';
      if (args?.provider === 'CPUExecutionProvider') onCpu[op] = (onCpu[op] ?? 0) + 1;
    }
  }
  return { nodes, onCpu };
}
