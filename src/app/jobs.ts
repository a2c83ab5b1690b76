import { UserError } from '../engine/errors.js';
import { type Job, Jobs } from '../sessions/jobs.js';
import type { Sessions } from '../sessions/sessions.js';

/** So much of an id tells jobs apart. */
const SHORT = 8;
const MOST_LINES = 50;

/**
 * What `dedit jobs` prints. People's words are not among it.
 * @param what "retry" or "drop"; a list without
 * @throws UserError
 */
export async function answerJobs(sessions: Sessions, what = '', id?: string): Promise<string> {
  const jobs = new Jobs(sessions);
  if (what === 'retry') return `waiting again: ${counted(await jobs.retry(id))}`;
  if (what === 'drop') return `dropped: ${counted(await jobs.drop(id))}`;
  if (what) throw new UserError('say "dedit jobs", "dedit jobs retry [id]" or "dedit jobs drop [id]"');
  const { waiting, givenUp } = await jobs.list();
  const now = sessions.now().getTime();
  return [
    `given up: ${counted(givenUp.length)}`,
    ...listed(givenUp, now),
    `waiting: ${counted(waiting.length)}`,
    ...listed(waiting, now),
  ].join('\n');
}

const counted = (count: number): string => `${count} ${count === 1 ? 'job' : 'jobs'}`;

function listed(jobs: readonly Job[], now: number): string[] {
  const lines = jobs.slice(0, MOST_LINES).map(({ id, kind, status, attempts, error, createdAt, session }) => {
    const tried = attempts === 1 ? 'tried once' : `tried ${attempts} times`;
    const state = status === 'RUNNING' ? 'running' : attempts > 0 ? tried : 'not begun';
    const why = error ? `: ${error.split('\n', 1)[0]}` : '';
    const minutes = Math.round((now - createdAt.getTime()) / 60_000);
    return `  ${id.slice(0, SHORT)}  ${kind.padEnd(8)}${session.platform.padEnd(9)}${minutes} min old, ${state}${why}`;
  });
  return jobs.length > MOST_LINES ? [...lines, `  and ${jobs.length - MOST_LINES} more`] : lines;
}
