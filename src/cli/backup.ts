import { createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Config, readConfig, secretPath } from '../app/config.js';
import { UserError } from '../engine/errors.js';
import { backup } from '../sessions/backup/backup.js';
import { inspect } from '../sessions/backup/restore.js';
import { Blobs } from '../sessions/blobs.js';
import { connect } from '../sessions/database.js';
import { askHolder } from '../sessions/folderLock.js';

/**
 * `dedit backup`: everything into one tar file. A dedit that has the embedded database open is asked to write it. The file
 * has its name once it is whole and was read back.
 */
export async function runBackup(file: string): Promise<void> {
  const config = readConfig();
  const unfinished = `${file}.part`;
  try {
    await writeAll(config, unfinished);
    const { manifest, ending } = await inspect(unfinished);
    renameSync(unfinished, file);
    const sessions = (manifest.rows.Session ?? 0) - ending.gone.length;
    const size = Math.ceil(statSync(file).size / 2 ** 20);
    console.log(`${file}: ${sessions} sessions, ${ending.blobs} pictures and files, ${size} MB`);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

async function writeAll(config: Config, path: string): Promise<void> {
  const { DATABASE_URL: url, DATA_DIR } = config;
  const dir = join(DATA_DIR, 'database');
  if (!url && !existsSync(dir))
    throw new UserError(
      `there is nothing to back up in ${DATA_DIR}: DATA_DIR or DATABASE_URL says where it is`,
    );
  const file = createWriteStream(path, { mode: 0o600 });
  const running = url ? undefined : await askHolder(dir, 'backup');
  if (running) return await pipeline(running, file);
  const database = await connect(url ? { url } : { dir });
  try {
    const blobs = await Blobs.of(config);
    await pipeline(backup({ database, blobs, secret: secretPath(DATA_DIR) }), file);
  } finally {
    await database.close();
  }
}
