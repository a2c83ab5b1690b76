import { chmodSync, existsSync, statSync } from 'node:fs';

/** Takes others' rights from a folder or file of ours that is there: it may have been made by hand, or by a careless umask. */
export function keepPrivate(path: string): void {
  if (process.platform === 'win32' || !existsSync(path)) return;
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return;
  try {
    chmodSync(path, mode & 0o700);
  } catch {
    // somebody else's folder, lent to us: they decide who reads it
  }
}
