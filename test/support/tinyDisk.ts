import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system in memory, of pages of 4096 bytes; each file takes whole pages. Only root on Linux may have one. */
export class TinyDisk {
  readonly dir = mkdtempSync(join(tmpdir(), 'dedit-tiny-'));
  readonly #filler = join(this.dir, 'filler');

  static readonly possible = process.platform === 'linux' && canMount();

  constructor(size = '64k') {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'dedit-test', this.dir]);
  }

  /** Leaves room for so many pages. */
  fill(left: number): void {
    this.makeRoom();
    const { bavail, bsize } = statfsSync(this.dir);
    writeFileSync(this.#filler, Buffer.alloc((bavail - left) * bsize));
  }

  makeRoom(): void {
    rmSync(this.#filler, { force: true });
  }

  close(): void {
    execFileSync('umount', [this.dir]);
    rmSync(this.dir, { recursive: true });
  }
}

/** Containers may keep root from mounting. */
function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const dir = mkdtempSync(join(tmpdir(), 'dedit-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'dedit-test', dir], { stdio: 'ignore' });
    execFileSync('umount', [dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
