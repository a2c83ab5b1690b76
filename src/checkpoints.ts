import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from './engine/errors.js';

/** The package's own folder, from src/ and from dist/ alike. */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * The folder of a checkpoint named on the command line: one that comes with dedit, or a path.
 * @throws UserError when there is none
 */
export function resolveCheckpoint(name: string): string {
  for (const dir of [join(PACKAGE_ROOT, 'checkpoints', name), resolve(name)]) {
    if (existsSync(join(dir, 'model_index.json'))) return dir;
  }
  throw new UserError(`there is no checkpoint "${name}": name "pocket" or a folder in diffusers layout`);
}
