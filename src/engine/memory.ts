/** What jobs need of memory, and whether they may have it. Numbers are bytes. */

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
