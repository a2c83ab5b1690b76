import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';

/** As Debian's chromium brings it. */
const SWIFTSHADER = process.env.SWIFTSHADER_ICD ?? '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Latent cells a side where gradients are compared. At the small shapes' own 8 the deepest level is one cell, and PyTorch's gradients
 * in float32 are 7.1e-3 off its own in float64 (ours 7.7e-4).
 */
const GRADIENT_CELLS = 16;

/** `--rehearse`: every row where no GPU is, to find what fails. */
export const REHEARSAL = {
  devices: 'cpu,webgpu',
  shapes: 'tiny,tiny-xl',
  minutes: '120',
  flags: (device, name) => ({
    ...{ runs: 1, cold: true, threads: 1, steps: 3, alone: device !== 'cpu' },
    ...(name.endsWith('gradients') ? { cells: GRADIENT_CELLS } : {}),
  }),
  said: 'a rehearsal, both devices at once: one run a case, not warmed up, one thread; three updates or steps where halves are compared; PyTorch beside the CPU, and for parity, alone. Times say nothing',
};

/** WebGPU on the processor, for the processes that are started from now on. */
export function useSwiftshader() {
  if (process.env.VK_ICD_FILENAMES || !existsSync(SWIFTSHADER)) return;
  process.env.VK_ICD_FILENAMES = SWIFTSHADER;
  const loader = process.env.LD_LIBRARY_PATH;
  process.env.LD_LIBRARY_PATH = [dirname(SWIFTSHADER), ...(loader ? [loader] : [])].join(delimiter);
}
