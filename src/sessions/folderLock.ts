import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { UserError } from '../engine/errors.js';

/**
 * Keeps a second process from opening the embedded database, which one process at a time may write.
 * A lock whose process is gone (kill -9) is taken over.
 * @throws UserError naming the process that holds it
 */
export function lockFolder(path: string): () => void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(path, 'utf8'));
      if (holder !== process.pid && isAlive(holder)) {
        throw new UserError(
          `process ${holder} is using this data folder: stop it, name another with DATA_DIR, or share a Postgres server by DATABASE_URL`,
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new UserError(`cannot lock ${path}: is another dedit starting in the same folder?`);
}

/** The process that holds the lock and lives, if any. */
export function lockHolder(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const holder = Number(readFileSync(path, 'utf8'));
  return isAlive(holder) ? holder : undefined;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
