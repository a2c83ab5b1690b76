import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { template } from './database.js';

/**
 * Before the first test, where it takes no test's time: a database to copy, and a home for what would else stay in
 * somebody's own, as the float32 copies of each fixture's weights.
 */
export default async function setup(): Promise<() => void> {
  await template();
  const home = mkdtempSync(join(tmpdir(), 'dedit-home-'));
  process.env.HOME = home;
  return () => rmSync(home, { recursive: true, force: true });
}
