import { join } from 'node:path';
import { readConfig, secretPath } from '../app/config.js';
import { restore } from '../sessions/backup/restore.js';
import { Blobs } from '../sessions/blobs.js';
import { connect } from '../sessions/database.js';

export interface RestoreFlags {
  readonly replace?: boolean;
}

/** `dedit restore`: puts a backup back into the database and the place of pictures that the settings name. */
export async function runRestore(file: string, { replace = false }: RestoreFlags): Promise<void> {
  const config = readConfig();
  const { DATABASE_URL: url, DATA_DIR } = config;
  const connection = await connect(url ? { url } : { dir: join(DATA_DIR, 'database') });
  try {
    const blobs = await Blobs.of(config);
    const back = await restore(file, { connection, blobs, secret: secretPath(DATA_DIR), replace });
    console.log(`restored ${back.sessions} sessions, ${back.blobs} pictures and files of ${back.made}`);
  } finally {
    await connection.close();
  }
}
