import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../engine/errors.js';

/** The package's own folder, from src/ and from dist/ alike. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where `dedit pull` puts checkpoints, beside the weights that were expanded. */
const PULLED = join(homedir(), '.cache', 'dedit', 'checkpoints');

/** The folder a pulled checkpoint has: "owner/name" is one name there. */
export const pulledFolder = (name: string): string => join(PULLED, name.replaceAll('/', '--'));

/**
 * The folder or file of a checkpoint named on the command line: one that comes with dedit, one that was pulled, or a path.
 * @throws UserError when there is none
 */
export function resolveCheckpoint(name: string): string {
  for (const dir of [join(PACKAGE_ROOT, 'checkpoints', name), pulledFolder(name), resolve(name)]) {
    if (existsSync(join(dir, 'model_index.json'))) return dir;
  }
  if (name.endsWith('.safetensors') && existsSync(name)) return resolve(name);
  throw new UserError(
    `there is no checkpoint "${name}": name "pocket", one that "dedit pull" brought, a folder in diffusers layout, or a .safetensors file`,
  );
}
