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

/** One line of ONNX Runtime's trace, of which a kernel's has the category 'Node'; `dur` is in microseconds. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * The costliest kinds of nodes in the traces that sessions wrote.
 * @param prefix as CompileOptions.trace had it
 * @param count how many
 */
export function costliest(prefix: string, count: number): OpCost[] {
  const folder = dirname(prefix);
  const files = readdirSync(folder).filter((file) => file.startsWith(basename(prefix)));
  const costs = new Map<string, { calls: number; us: number }>();
  let all = 0;
  for (const file of files) {
    for (const { cat, name, dur, args } of JSON.parse(
      readFileSync(join(folder, file), 'utf8'),
    ) as TraceEvent[]) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
      const op = args?.op_name ?? '?';
      const cost = costs.get(op) ?? { calls: 0, us: 0 };
      costs.set(op, { calls: cost.calls + 1, us: cost.us + dur });
      all += dur;
    }
  }
  return [...costs]
    .map(([op, { calls, us }]) => ({ op, calls, ms: us / 1000, share: us / all }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, count);
}
