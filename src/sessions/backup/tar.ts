import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../../engine/errors.js';

/**
 * As much of the ustar format as a backup needs (POSIX.1, pax, "ustar Interchange Format"): plain files, in blocks of 512
 * bytes. Every system can look into such a file with tools of its own.
 */
const BLOCK = 512;
/** Where a header keeps its fields: [offset, length]. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

/** Two empty blocks end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** Where its bytes begin in the archive. */
  readonly at: number;
}

/** What stands before a file's bytes. @param seconds since 1970 @throws RangeError for a name that does not fit */
export function tarHeader(name: string, size: number, seconds: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const put = (field: keyof typeof FIELD, text: string) => header.write(text, FIELD[field][0], 'latin1');
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const [prefix, base] = divided(name);
  put('name', base);
  put('prefix', prefix);
  put('mode', octal(0o600, 8));
  put('size', octal(size, 12));
  put('mtime', octal(Math.floor(seconds), 12));
  put('checksum', ' '.repeat(8));
  put('type', '0');
  put('magic', 'ustar\x0000');
  put('checksum', `${octal(checksum(header), 7)} `);
  return header;
}

/** Fills the last block of a file of this size. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** The files of an archive, in order. @throws UserError when it ends too early, or is none */
export async function* tarEntries(file: FileHandle): AsyncGenerator<TarEntry> {
  const header = Buffer.alloc(BLOCK);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(header, 0, BLOCK, at);
    if (bytesRead < BLOCK) throw new UserError('the backup is cut off: take it anew, or use an earlier one');
    if (header.every((byte) => byte === 0)) return;
    const text = (field: keyof typeof FIELD) => {
      const [offset, length] = FIELD[field];
      return header.toString('latin1', offset, offset + length).split('\0', 1)[0]!;
    };
    const blank = Buffer.from(header).fill(' ', FIELD.checksum[0], FIELD.checksum[0] + FIELD.checksum[1]);
    if (text('magic') !== 'ustar' || parseInt(text('checksum'), 8) !== checksum(blank))
      throw new UserError('the file is no backup of dedit, or is damaged');
    const size = parseInt(text('size'), 8);
    const prefix = text('prefix');
    yield { name: prefix ? `${prefix}/${text('name')}` : text('name'), size, at: at + BLOCK };
    at += BLOCK + size + tarPadding(size).length;
  }
}

/** A name's two fields; it is divided at a slash where one does not hold it. */
function divided(name: string): [prefix: string, name: string] {
  if (name.length <= FIELD.name[1]) return ['', name];
  const slash = name.indexOf('/', name.length - FIELD.name[1] - 1);
  if (slash < 0 || slash > FIELD.prefix[1]) throw new RangeError(`${name} is too long for a tar file`);
  return [name.slice(0, slash), name.slice(slash + 1)];
}

const checksum = (header: Buffer): number => header.reduce((sum, byte) => sum + byte, 0);
