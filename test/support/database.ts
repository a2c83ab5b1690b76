import { createHash, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/sessions/database.js';
import { keptFolder } from '../fixtures.js';

const MIGRATIONS = 'prisma/migrations';

/** Making an embedded database takes seconds, copying one does not: made once for each schema, kept between runs. */
export async function template(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync('node_modules/@electric-sql/pglite/package.json'));
  for (const name of readdirSync(MIGRATIONS).filter((entry) => /^\d/.test(entry)))
    hash.update(name).update(readFileSync(join(MIGRATIONS, name, 'migration.sql')));
  const dir = join(keptFolder(), `dedit-template-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(dir)) return dir;
  const making = `${dir}-${randomUUID()}`;
  mkdirSync(making);
  await (await openDatabase({ dir: making, sync: false })).close();
  try {
    renameSync(making, dir);
  } catch {
    rmSync(making, { recursive: true }); // another run was faster
  }
  return dir;
}

/** Puts a database as a first start would leave it into a data folder that has none. */
export async function putDatabase(dataDir: string): Promise<void> {
  const dir = join(dataDir, 'database');
  if (!existsSync(dir)) cpSync(await template(), dir, { recursive: true });
}
