import { totalmem } from 'node:os';

/** What jobs need of memory, and whether they may have it. Numbers are bytes unless their names say otherwise. */

/** What the engine may take of the machine when nobody says how much: the host, its database and others live there too. */
const SHARE = 0.75;

/** Megabytes of this machine, or of the control group (a container) that holds this process. */
export function machineMegabytes(): number {
  const limit = process.constrainedMemory(); // 0, or more than there is, without a limit
  const total = totalmem();
  return Math.floor((limit > 0 && limit < total ? limit : total) / 2 ** 20);
}

/** Megabytes that an engine's process may hold by default. @param machine megabytes that there are */
export const defaultBudget = (machine = machineMegabytes()): number => Math.floor(machine * SHARE);

/** What a job needs. */
export interface MemoryNeed {
  /** Weights, mapped from their files: the kernel takes their pages back when it must, and then every step is slow. */
  readonly mapped: number;
  /** All else: the process cannot give it back before the job is done. */
  readonly held: number;
}

/** What there is. */
export interface Memory {
  /** For all of a job, the pages of its weights included. */
  readonly free: number;
  /** What the process may hold. */
  readonly budget: number;
}

export const bytesOf = ({ mapped, held }: MemoryNeed): number => mapped + held;

/** Half a sentence about what is missing; undefined when the job fits. */
export function shortage(need: MemoryNeed, { free, budget }: Memory): string | undefined {
  if (need.held > budget)
    return `needs ${megabytes(need.held)} MB of memory and the engine may hold ${megabytes(budget)} MB (ENGINE_MEMORY_MB)`;
  if (bytesOf(need) > free)
    return `needs ${megabytes(bytesOf(need))} MB of memory and there are ${megabytes(free)} MB`;
  return undefined;
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
