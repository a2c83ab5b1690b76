import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';

type Change =
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'sync'; readonly file: number | undefined }
  | { readonly kind: 'name'; readonly apply: (root: string) => void; readonly renames?: () => void }
  | { readonly kind: 'mark'; readonly name: string };

/**
 * Records what a process does to the files below a folder, fsync included, and makes the folder as a power cut at any moment
 * could leave it: names change in order, as journalling file systems have it, and may lack the last changes since the last
 * fsync of anything; of each file's bytes only what was written before its last fsync is sure, the rest is there by chance.
 */
export class PowerLoss {
  readonly #changes: Change[] = [];
  readonly #original = { ...fs };
  readonly #originalPromises = { ...fs.promises };
  readonly #files = new Map<string, number>();
  readonly #open = new Map<number, number>();
  #next = 0;
  readonly #base: string;

  /** @param dir is copied as it is; all of that counts as on the disk */
  constructor(
    private readonly dir: string,
    aside: string,
  ) {
    this.#base = join(aside, 'base');
    fs.cpSync(dir, this.#base, { recursive: true });
    this.#patch();
  }

  /** Remembers a moment. */
  mark(name: string): void {
    this.#changes.push({ kind: 'mark', name });
  }

  get length(): number {
    return this.#changes.length;
  }

  /** What was marked before change number `end`. */
  marks(end: number): string[] {
    return this.#changes.slice(0, end).flatMap((change) => (change.kind === 'mark' ? [change.name] : []));
  }

  stop(): void {
    const { openSync, writeSync, fsyncSync, renameSync, unlinkSync, mkdirSync, rmdirSync } = this.#original;
    const { truncateSync, writeFileSync } = this.#original;
    Object.assign(fs, { openSync, writeSync, fsyncSync, renameSync, unlinkSync, mkdirSync, rmdirSync });
    Object.assign(fs, { truncateSync, writeFileSync });
    const { mkdir, writeFile, open, unlink, rm } = this.#originalPromises;
    Object.assign(fs.promises, { mkdir, writeFile, open, unlink, rm });
    syncBuiltinESMExports();
  }

  /** The folder after the power went before change number `end`. @param random below 1 */
  crash(end: number, to: string, random: () => number): void {
    const done = this.#changes.slice(0, end);
    const lastSync = done.findLastIndex(({ kind }) => kind === 'sync');
    const names = done.flatMap(({ kind }, i) => (kind === 'name' && i > lastSync ? [i] : []));
    const cut = names[Math.floor(random() * (names.length + 1))] ?? end;
    const synced = new Map<number, number>();
    done.forEach((change, i) => {
      if (change.kind === 'sync' && change.file !== undefined) synced.set(change.file, i);
    });
    this.#original.cpSync(this.#base, to, { recursive: true });
    for (const [i, change] of done.entries()) {
      if (change.kind === 'name' && i < cut) change.apply(to);
      if (change.kind !== 'write') continue;
      if (i > (synced.get(change.file) ?? -1) && random() < 0.5) continue;
      const path = this.#pathAt(change.file, Math.min(i, cut));
      if (path === undefined || !this.#original.existsSync(join(to, path))) continue;
      const fd = this.#original.openSync(join(to, path), 'r+');
      this.#original.writeSync(fd, change.bytes, 0, change.bytes.length, change.at);
      this.#original.closeSync(fd);
    }
  }

  /** Where each file lay from which change on. */
  readonly #moves = new Map<number, { from: number; path: string }[]>();

  #pathAt(file: number, when: number): string | undefined {
    return this.#moves.get(file)?.findLast(({ from }) => from < when)?.path;
  }

  #fileAt(path: string): number {
    let file = this.#files.get(path);
    if (file === undefined) {
      this.#files.set(path, (file = this.#next++));
      this.#moves.set(file, [{ from: -1, path }]);
    }
    return file;
  }

  #inside(path: unknown): string | undefined {
    const name = relative(this.dir, String(path));
    return name.startsWith('..') ? undefined : name;
  }

  #named(apply: (root: string) => void): void {
    this.#changes.push({ kind: 'name', apply });
  }

  #patch(): void {
    const { openSync, writeSync, fsyncSync, renameSync, unlinkSync, mkdirSync, rmdirSync } = this.#original;
    const { truncateSync, writeFileSync, existsSync } = this.#original;
    const original = this.#original;
    fs.openSync = (path, flags, mode) => {
      const name = this.#inside(path);
      const fresh = name !== undefined && !existsSync(path);
      const fd = openSync(path, flags, mode);
      if (name === undefined) return fd;
      if (fresh) this.#appears(name, (root) => original.closeSync(openSync(join(root, name), 'w')));
      else if (typeof flags === 'number' && flags & fs.constants.O_TRUNC)
        this.#named((root) => existsSync(join(root, name)) && truncateSync(join(root, name), 0));
      this.#open.set(fd, this.#fileAt(name));
      return fd;
    };
    fs.writeSync = ((fd: number, bytes: Uint8Array, offset: number, length: number, at: number) => {
      const count = writeSync(fd, bytes, offset, length, at);
      const file = this.#open.get(fd);
      if (file !== undefined)
        this.#changes.push({
          ...{ kind: 'write', file, at },
          bytes: Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + offset, count)),
        });
      return count;
    }) as typeof fs.writeSync;
    fs.fsyncSync = (fd) => {
      fsyncSync(fd);
      this.#changes.push({ kind: 'sync', file: this.#open.get(fd) });
    };
    fs.renameSync = (from, to) => {
      renameSync(from, to);
      const [a, b] = [this.#inside(from), this.#inside(to)];
      if (a === undefined || b === undefined) return;
      const file = this.#fileAt(a);
      this.#files.delete(a);
      this.#files.set(b, file);
      this.#moves.get(file)!.push({ from: this.#changes.length, path: b });
      this.#named((root) => renameSync(join(root, a), join(root, b)));
    };
    fs.unlinkSync = (path) => {
      unlinkSync(path);
      const name = this.#inside(path);
      if (name === undefined) return;
      this.#files.delete(name);
      this.#named((root) => original.rmSync(join(root, name), { force: true }));
    };
    fs.mkdirSync = ((path: string, options: object) => {
      const made = mkdirSync(path, options);
      const name = this.#inside(path);
      if (name) this.#named((root) => mkdirSync(join(root, name), { recursive: true }));
      return made;
    }) as typeof fs.mkdirSync;
    fs.rmdirSync = (path) => {
      rmdirSync(path);
      const name = this.#inside(path);
      if (name) this.#named((root) => original.rmSync(join(root, name), { recursive: true, force: true }));
    };
    fs.truncateSync = (path, length) => {
      truncateSync(path, length);
      const name = this.#inside(path);
      if (name)
        this.#named((root) => existsSync(join(root, name)) && truncateSync(join(root, name), length ?? 0));
    };
    fs.writeFileSync = (path, data, options) => {
      writeFileSync(path, data, options);
      const name = this.#inside(path);
      if (name) this.#appears(name, (root) => writeFileSync(join(root, name), data, options));
    };
    this.#patchPromises();
    syncBuiltinESMExports();
  }

  /** What pictures are stored with: whole files, whose bytes are sure after `sync` of their handle. */
  #patchPromises(): void {
    const { mkdir, writeFile, open, unlink, rm } = this.#originalPromises;
    const original = this.#original;
    fs.promises.mkdir = (async (path: string, options: object) => {
      const made = await mkdir(path, options);
      const name = this.#inside(path);
      if (name) this.#named((root) => original.mkdirSync(join(root, name), { recursive: true }));
      return made;
    }) as typeof fs.promises.mkdir;
    fs.promises.writeFile = (async (path: string, data: Uint8Array, options: object) => {
      await writeFile(path, data, options);
      const name = this.#inside(path);
      if (!name) return;
      this.#appears(name, (root) => original.writeFileSync(join(root, name), ''));
      this.#changes.push({ kind: 'write', file: this.#fileAt(name), at: 0, bytes: Buffer.from(data) });
    }) as typeof fs.promises.writeFile;
    fs.promises.open = async (path, ...rest) => {
      const handle = await open(path, ...rest);
      const name = this.#inside(path);
      const sync = handle.sync.bind(handle);
      handle.sync = async () => {
        await sync();
        if (name !== undefined) this.#changes.push({ kind: 'sync', file: this.#files.get(name) });
      };
      return handle;
    };
    for (const [operation, as] of [
      ['unlink', unlink],
      ['rm', rm],
    ] as const)
      fs.promises[operation] = (async (path: string, options: object) => {
        await as(path, options);
        const name = this.#inside(path);
        if (name) this.#named((root) => original.rmSync(join(root, name), { recursive: true, force: true }));
      }) as never;
  }

  #appears(name: string, apply: (root: string) => void): void {
    this.#files.delete(name);
    this.#named(apply);
    this.#fileAt(name);
  }
}
