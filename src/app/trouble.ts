import { UserError } from '../engine/errors.js';

/** What the machine or the network may refuse, by the code that Node gives it, and what to do. */
const TROUBLE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room where DATA_DIR, or what is to be written, lies',
  EDQUOT: 'the share of the disk is used up: make room where DATA_DIR, or what is to be written, lies',
  EROFS: 'the disk may only be read: let DATA_DIR, or what is to be written, lie elsewhere',
  EACCES: 'this is not permitted: check whose the file is, and DATA_DIR',
  EPERM: 'this is not permitted: check whose the file is, and DATA_DIR',
  ENOTDIR: 'a file stands where a folder is wanted: check DATA_DIR',
  EISDIR: 'a folder stands where a file is wanted: name a file',
  ENOENT: 'there is no such file or folder: check the name',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENOMEM: 'there is not enough memory',
  ENOTFOUND: 'the name of the other side is not known: check the network',
  EAI_AGAIN: 'the name of the other side cannot be looked up now: check the network',
  ECONNREFUSED: 'nobody listens there: check the address and the network',
  ECONNRESET: 'the other side broke off: try again, and check the network',
  ETIMEDOUT: 'nobody answered in time: try again, and check the network',
  ENETUNREACH: 'there is no way there: check the network',
  EHOSTUNREACH: 'there is no way there: check the network',
  UND_ERR_CONNECT_TIMEOUT: 'nobody answered in time: try again, and check the network',
};

/** PGlite's file system is Emscripten's, whose errors carry these numbers alone (musl's errno.h for WASI). */
const EMSCRIPTEN: Readonly<Record<number, string>> = { 2: 'EACCES', 51: 'ENOSPC', 63: 'EPERM', 69: 'EROFS' };

/** The sentence for what the machine refused; undefined for what is a bug. */
export function machineTrouble(error: unknown): UserError | undefined {
  for (const cause of causes(error)) {
    const { code, errno, name, path, address, hostname } = cause;
    const known = code ?? (name === 'ErrnoError' ? EMSCRIPTEN[errno ?? -1] : undefined);
    const what = known && TROUBLE[known];
    const where = path ?? hostname ?? address;
    if (what) return new UserError(`${where ? `${where}: ` : ''}${what} (${known})`);
  }
  return undefined;
}

interface Cause {
  readonly name?: string;
  readonly code?: string;
  readonly errno?: number;
  readonly path?: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly cause?: unknown;
  readonly original?: unknown;
  readonly errors?: readonly unknown[];
}

/** The error and what it was caused by, as far as it says; Slack's client says `original`. */
function* causes(error: unknown, depth = 0): Generator<Cause> {
  if (typeof error !== 'object' || error === null || depth > 8) return;
  const cause = error as Cause;
  yield cause;
  for (const next of [cause.cause, cause.original, ...(cause.errors ?? [])]) yield* causes(next, depth + 1);
}
