import { readFileSync, writeFileSync } from 'node:fs';

export { defaultBudget, machineMegabytes } from '../memory.js';

/**
 * Megabytes that a process holds and cannot give back; 0 when it has ended. Pages of files are left out: weights are
 * mapped, and the kernel takes their pages back when it wants to. Linux only.
 */
export function heldMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return (kilobytes('RssAnon') + kilobytes('RssShmem')) / 1024;
  } catch {
    return 0;
  }
}

/** Where memory runs out faster than it is looked at, the kernel is to end this process and no other. Linux only. */
export function endFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '800');
  } catch {
    // another system, or a process that has ended
  }
}

/**
 * What glibc's malloc is to do in a process that computes: blocks of a megabyte and more go back to the system when they
 * are freed. It would keep all below 32 MB by and by: after a learning step of SD 1.5 1.0–1.3 GB instead of 0.2.
 * Large blocks are asked for in pages of 2 MiB (glibc 2.35 and later), so that taking them anew costs less.
 */
export const MALLOC = {
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '1048576',
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
} as const;
