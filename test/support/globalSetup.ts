import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keptFolder } from '../fixtures.js';
import { template } from './database.js';

/**
 * Before the first test, where it takes no test's time: a database to copy, and one folder for whatever tests and the
 * programs they start leave behind, which goes with the run. A second run has its own.
 */
export default async function setup(): Promise<() => void> {
  process.env.DEDIT_KEPT = keptFolder();
  await template();
  const run = mkdtempSync(join(keptFolder(), 'dedit-run-'));
  // Postgres' own user enters it, too
  chmodSync(run, 0o711);
  process.env.TMPDIR = run;
  // what would else stay in somebody's own home, as the float32 copies of each fixture's weights
  process.env.HOME = join(run, 'home');
  mkdirSync(process.env.HOME);
  return () => rmSync(run, { recursive: true, force: true, maxRetries: 5 });
}
