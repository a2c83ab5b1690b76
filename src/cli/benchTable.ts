import type { Measured, Placement } from '../engine/bench.js';

/** One line of the table; a side that could not be measured is left out and `error` says why. */
export interface Row {
  readonly case: string;
  readonly batch: number;
  readonly dedit?: Measured;
  readonly pytorch?: Measured;
  /** Largest differences from PyTorch, in parts of the largest value, or of halves from float32, by what is compared. */
  readonly parity?: Readonly<Record<string, number>>;
  readonly error?: string;
}

const cell = (x: number | undefined, width: number, digits = 0): string =>
  (x === undefined ? '–' : x.toFixed(digits)).padStart(width);

export const HEADER =
  'case                          batch   dedit ms  PyTorch ms  speed-up  by CPU time   dedit MB  PyTorch MB';

/** A line of the table, and what else is known of its case, below it. */
export const rowLines = (row: Row): string[] => [
  timedLine(row),
  ...deviceLines(row),
  ...placementLines(row),
  ...profileLines(row),
  ...parityLines(row),
];

function deviceLines({ dedit, pytorch }: Row): string[] {
  const taken = [dedit, pytorch].some((side) => side?.deviceMB !== undefined);
  return [
    ...(dedit?.crossedMB === undefined
      ? []
      : [`  to the GPU and back: ${dedit.crossedMB.toFixed(3)} MB a run`]),
    ...(taken
      ? [
          `  of the GPU's memory: dedit ${cell(dedit?.deviceMB, 0)} MB, PyTorch ${cell(pytorch?.deviceMB, 0)} MB`,
        ]
      : []),
  ];
}

function placementLines({ dedit }: Row): string[] {
  return dedit?.placement ? [`  ${placed(dedit.placement)}`] : [];
}

/** As `3 of 812 nodes on the CPU (2 Gather, 1 Where)`. */
export function placed({ nodes, onCpu }: Placement): string {
  const ops = Object.entries(onCpu).sort(([, a], [, b]) => b - a);
  const count = ops.reduce((sum, [, own]) => sum + own, 0);
  const which = ops.map(([op, own]) => `${own} ${op}`).join(', ');
  return `${count} of ${nodes} nodes on the CPU${count ? ` (${which})` : ''}`;
}

function timedLine({ case: name, batch, dedit, pytorch, error }: Row): string {
  const faster = (of: 'ms' | 'cpuMs'): number | undefined =>
    dedit && pytorch ? pytorch[of] / dedit[of] : undefined;
  const times = `${cell(dedit?.ms, 10, 1)} ${cell(pytorch?.ms, 11, 1)} ${cell(faster('ms'), 9, 2)} ${cell(faster('cpuMs'), 12, 2)}`;
  const memory = `${cell(dedit?.peakMB, 10)} ${cell(pytorch?.peakMB, 11)}`;
  return `${name.padEnd(28)} ${String(batch).padStart(6)} ${times} ${memory}${error ? `  ${error}` : ''}`;
}

/** What one more row of a case takes, from batches 1 and 2. */
export function growth(rows: readonly Row[]): string[] {
  return rows.flatMap((two) => {
    const one = rows.find((row) => row.case === two.case && row.batch === 1);
    if (two.batch !== 2 || !one) return [];
    const more = (side: 'dedit' | 'pytorch'): number | undefined => {
      const [a, b] = [one[side]?.peakMB, two[side]?.peakMB];
      return a !== undefined && b !== undefined ? b - a : undefined;
    };
    if (more('dedit') === undefined && more('pytorch') === undefined) return [];
    return [
      `a sample more of ${two.case}: dedit ${cell(more('dedit'), 0)} MB, PyTorch ${cell(more('pytorch'), 0)} MB`,
    ];
  });
}

function profileLines({ case: name, batch, dedit }: Row): string[] {
  if (!dedit?.profile) return [];
  return [
    `  the costliest ops of ${name}, batch ${batch}`,
    ...dedit.profile.map(
      ({ op, calls, ms, share }) =>
        `  ${op.padEnd(24)} ${(100 * share).toFixed(1).padStart(5)} %  ${ms.toFixed(0).padStart(8)} ms in ${calls} calls`,
    ),
  ];
}

/** The farthest of what is compared. */
function parityLines({ parity }: Row): string[] {
  const worst = Object.entries(parity ?? {}).sort(([, a], [, b]) => b - a)[0];
  return worst ? [`  off by ${worst[1].toExponential(1)} (${worst[0]})`] : [];
}
