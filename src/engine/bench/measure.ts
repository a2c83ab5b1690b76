import { crossed } from '../runtime/crossing.js';

/** Milliseconds of one run: on the clock, and of all processors together, which nobody else at work lengthens. */
export interface Lap {
  readonly ms: number;
  readonly cpuMs: number;
  /** MB that a run took over to a GPU and back. */
  readonly crossedMB?: number;
}

/** A run with what it took. */
export async function measured<T>(run: () => Promise<T>): Promise<{ result: T; lap: Lap }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const bytes = crossed.toDevice + crossed.toHost;
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  const crossedMB = (crossed.toDevice + crossed.toHost - bytes) / 1e6;
  return {
    result,
    lap: {
      ...{ ms: performance.now() - start, cpuMs: (user + system) / 1000 },
      ...(crossedMB > 0 ? { crossedMB } : {}),
    },
  };
}

/** MiB that this process had resident at most until now, mapped weights included. */
export const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024;
