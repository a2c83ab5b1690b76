/** Milliseconds of one run: on the clock, and of all processors together, which nobody else at work lengthens. */
export interface Lap {
  readonly ms: number;
  readonly cpuMs: number;
}

/** A run with what it took. */
export async function measured<T>(run: () => Promise<T>): Promise<{ result: T; lap: Lap }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { result, lap: { ms: performance.now() - start, cpuMs: (user + system) / 1000 } };
}

/** MiB that this process had resident at most until now, mapped weights included. */
export const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024;
