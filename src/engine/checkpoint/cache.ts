/** The folder of copies: what is of another precision than is computed in, and what LoRAs change, is written there once, for ONNX Runtime to map. */
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where half-precision weights are expanded to, unless the caller says otherwise. */
export const DEFAULT_CACHE = join(homedir(), '.cache', 'dedit', 'weights');

/** Three times SDXL's 14 GB and a few of SD's: more are removed before another copy is written. */
const ROOM = 60e9;
/** What was opened since then stays whatever the room: an engine may have it mapped, and open it again by its name. */
const IN_USE = 24 * 60 * 60 * 1000;

export interface Copies {
  readonly files: number;
  readonly bytes: number;
}

interface Copy {
  readonly file: string;
  readonly bytes: number;
  /** When it was opened last, in ms. */
  readonly used: number;
}

/** What is there. */
export function copiesIn(dir: string): Copies {
  const all = copies(dir);
  return { files: all.length, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Removes all of them: each is made again when its checkpoint is opened. Checkpoints themselves are not touched. */
export function emptyCopies(dir: string): Copies {
  const found = copiesIn(dir);
  for (const { file } of copies(dir)) rmSync(file, { force: true });
  return found;
}

/** A copy that is about to be used counts as new. When it was written stays to the millisecond: copies made of it are known by that. */
export function touch(file: string): void {
  try {
    utimesSync(file, new Date(), statSync(file).mtime);
  } catch {
    // a cache that others keep may be read without being written
  }
}

/** Removes the copies that nobody opened for longest, until `bytes` more fit beside the rest. */
export function makeRoom(dir: string, bytes: number, room = ROOM, now = Date.now()): void {
  const all = copies(dir).sort((a, b) => a.used - b.used);
  let held = all.reduce((sum, copy) => sum + copy.bytes, 0);
  for (const copy of all) {
    if (held + bytes <= room || now - copy.used < IN_USE) return;
    rmSync(copy.file, { force: true });
    held -= copy.bytes;
  }
}

/** Copies, and parts of some whose writer died. */
function copies(dir: string): Copy[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => /\.safetensors(\.[\w-]+\.partial)?$/.test(name))
    .map((name) => join(dir, name))
    .flatMap((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found ? [{ file, bytes: found.size, used: found.atimeMs }] : [];
    });
}
