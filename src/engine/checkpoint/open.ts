import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { type Checkpoint, openFolder } from './layout.js';
import { openSingleFile } from './singleFile/open.js';

/** Where half-precision weights are expanded to, unless the caller says otherwise. */
export const DEFAULT_CACHE = join(homedir(), '.cache', 'dedit', 'weights');

/**
 * Opens a checkpoint: a folder in diffusers layout, or one .safetensors file as A1111, ComfyUI and Civitai have them.
 * @throws UserError naming file, field or tensor and what was expected
 */
export function openCheckpoint(path: string, { cacheDir = DEFAULT_CACHE } = {}): Checkpoint {
  const root = resolve(path);
  if (existsSync(root)) {
    if (statSync(root).isDirectory()) return openFolder(root, cacheDir);
    if (root.endsWith('.safetensors')) return openSingleFile(root, { cacheDir });
  }
  throw new UserError(
    `${path} is no checkpoint: name a folder in diffusers layout, a .safetensors file, or "pocket"`,
  );
}
