import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text as allOf } from 'node:stream/consumers';
import { readConfig } from '../app/config.js';
import { answerJobs } from '../app/jobs.js';
import { UserError } from '../engine/errors.js';
import { Blobs } from '../sessions/blobs.js';
import { openDatabase } from '../sessions/database.js';
import { askHolder } from '../sessions/folderLock.js';
import { Sessions } from '../sessions/sessions.js';

/** `dedit jobs`: what waits and what was given up; a dedit that has the embedded database open is asked. */
export async function runJobs(what?: string, id?: string): Promise<void> {
  const config = readConfig();
  const { DATABASE_URL: url, DATA_DIR } = config;
  const dir = join(DATA_DIR, 'database');
  if (!url && !existsSync(dir))
    throw new UserError(`there is no database in ${DATA_DIR}: DATA_DIR or DATABASE_URL says where it is`);
  const words = [what, id].filter((word) => word !== undefined);
  if (words.some((word) => /\s/.test(word))) throw new UserError('an id has no spaces');
  const running = url ? undefined : await askHolder(dir, ['jobs', ...words].join(' '));
  if (running) {
    const answer = await allOf(running);
    if (!answer) throw new UserError('the dedit that runs here does not answer: is it an older one?');
    const { text, refused } = JSON.parse(answer) as { text?: string; refused?: string };
    if (text === undefined) throw new UserError(refused ?? 'the dedit that runs here could not tell');
    return console.log(text);
  }
  const database = await openDatabase(url ? { url } : { dir });
  try {
    console.log(await answerJobs(new Sessions({ database, blobs: await Blobs.of(config) }), what, id));
  } finally {
    await database.close();
  }
}
