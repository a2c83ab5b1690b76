/** What is done with a level strip by strip. A strip reads nothing that another one writes: no one waits for another. */
import { searchStrip } from '../patchMatch.js';
import { tell, weigh } from '../vote.js';

export const STRIPS = { search: searchStrip, weigh, tell };

/** Each kind of job with what its parts have in common. */
export type JobOf<Kinds extends Record<string, (task: never, part: number) => void>> = {
  [K in keyof Kinds]: { readonly kind: K; readonly task: Parameters<Kinds[K]>[0] };
}[keyof Kinds];

export type StripJob = JobOf<typeof STRIPS>;

/** Does all parts of a job; comes back when they are done. */
export type InParts<Job = StripJob> = (job: Job, parts: number) => void;

/** All by this thread. */
export const inTurn: InParts = ({ kind, task }, parts) => {
  for (let part = 0; part < parts; part++)
    (STRIPS[kind] as (task: unknown, part: number) => void)(task, part);
};
