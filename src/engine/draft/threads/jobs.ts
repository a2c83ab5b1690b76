/** What several threads do together: jobs of parts that do not wait for each other, each done by whoever is free. */
import type { Cut } from '../cut.js';
import { soften } from '../matte.js';
import { start } from '../starts.js';
import { type JobOf, STRIPS } from './inTurn.js';

const JOBS = { ...STRIPS, start, soften: (cuts: readonly Cut[], n: number): void => soften(cuts[n]!) };

/** Arrays in its task are shared memory. */
export type Job = JobOf<typeof JOBS>;

/** A job under way. */
export interface Shared {
  readonly job: Job;
  readonly parts: number;
  /** How far it is, for all threads: `NEXT`, `DONE`, `FAILED`. */
  readonly tally: Int32Array;
}

/** Of a tally: the next part that nobody does yet, how many parts are done, how many of them failed. */
export const [NEXT, DONE, FAILED] = [0, 1, 2] as const;

/** Does parts of the job until none is left to begin. */
export function doParts({ job, parts, tally }: Shared, onError: (error: unknown) => void): void {
  const part = JOBS[job.kind] as (task: unknown, part: number) => void;
  for (let next = Atomics.add(tally, NEXT, 1); next < parts; next = Atomics.add(tally, NEXT, 1)) {
    try {
      part(job.task, next);
    } catch (error) {
      onError(error);
      Atomics.add(tally, FAILED, 1);
    }
    Atomics.add(tally, DONE, 1);
    Atomics.notify(tally, DONE);
  }
}
