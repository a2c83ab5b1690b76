import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../engine/errors.js';
import { backup } from '../sessions/backup/backup.js';
import type { Sessions } from '../sessions/sessions.js';
import { secretPath } from './config.js';
import { answerJobs } from './jobs.js';

/** What the one process that has the embedded database does for the command line beside it. */
export interface Asking {
  readonly sessions: Sessions;
  readonly dataDir: string;
  readonly signal: AbortSignal;
  /** There may be something to do now. */
  readonly onChange: () => void;
}

/** Answers "backup" with a backup, and "jobs …" with what `dedit jobs …` prints, as JSON; nothing else. */
export async function answerAsked(question: string, socket: Socket, asking: Asking): Promise<void> {
  const { sessions, dataDir, signal, onChange } = asking;
  const [what, ...words] = question.split(' ');
  if (what === 'backup') {
    const { database, blobs } = sessions;
    return await pipeline(backup({ database, blobs, secret: secretPath(dataDir) }), socket, { signal });
  }
  if (what !== 'jobs') return void socket.destroy();
  try {
    const text = await answerJobs(sessions, ...words);
    socket.end(JSON.stringify({ text }));
    onChange();
  } catch (error) {
    if (!(error instanceof UserError)) socket.destroy();
    else socket.end(JSON.stringify({ refused: error.message }));
    if (!(error instanceof UserError)) throw error;
  }
}
