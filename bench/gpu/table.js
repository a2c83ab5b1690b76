import { placed } from '../../dist/cli/benchTable.js';

const number = (x, digits = 0) => (x === undefined ? '–' : x.toFixed(digits));
const ratio = (a, b) => (a === undefined || b === undefined ? '–' : `${(b / a).toFixed(2)}x`);

/** Everything that was measured, a table a shape. */
export function markdown(machine, rows) {
  const shapes = [...new Set(rows.map(({ shape }) => shape))];
  const parts = shapes.map((shape) =>
    [
      `## ${shape}`,
      '',
      '| where | case | rows | dedit ms | PyTorch ms | speed | GPU MB, dedit | PyTorch | nodes on the CPU | off by | |',
      '|---|---|---|---|---|---|---|---|---|---|---|',
      ...rows.filter((row) => row.shape === shape).map(line),
    ].join('\n'),
  );
  return [machine.map((said) => `- ${said}`).join('\n'), ...parts].join('\n\n') + '\n';
}

function line({ device, precision, case: name, batch, dedit, pytorch, parity, error }) {
  const off = Object.entries(parity ?? {}).sort(([, a], [, b]) => b - a)[0];
  return `| ${[
    `${device}, ${precision === 'half' ? 'fp16' : 'fp32'}`,
    name,
    batch,
    number(dedit?.ms, 1),
    number(pytorch?.ms, 1),
    ratio(dedit?.ms, pytorch?.ms),
    number(dedit?.deviceMB),
    number(pytorch?.deviceMB),
    dedit?.placement && device !== 'cpu' ? placed(dedit.placement).replace(' nodes on the CPU', '') : '',
    off ? `${off[1].toExponential(1)} (${off[0]})` : '',
    (error ?? '').replaceAll('|', '/'),
  ].join(' | ')} |`;
}
