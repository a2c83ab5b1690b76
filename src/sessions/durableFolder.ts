import { spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** What of emscripten's file system is used here (emscripten.org, File System API; libnodefs.js). */
interface Node {
  name: string;
  readonly parent: Node;
}
interface Stream {
  readonly node: Node;
  /** The file's descriptor; a folder has none. */
  readonly nfd?: number;
}
export interface NodeFolder {
  realPath(node: Node): string;
  readonly stream_ops: {
    write(stream: Stream, ...rest: unknown[]): number;
    fsync?(stream: Stream): number;
  };
  readonly node_ops: {
    setattr(node: Node, attributes: { size?: number }): void;
    mknod(parent: Node, ...rest: unknown[]): Node;
    rename(node: Node, to: Node, name: string): void;
    unlink(parent: Node, name: string): void;
    rmdir(parent: Node, name: string): void;
  };
}
export interface FileSystem {
  readonly filesystems: { readonly NODEFS: NodeFolder };
  lookupNode(parent: Node, name: string): Node;
  destroyNode(node: Node): void;
}

type Init = NodeFS['init'];

/**
 * A folder on the disk for PGlite in which fsync means fsync. Emscripten's own has no such operation and says that all went
 * well; it also renames by deleting the target first, so that a crash in between loses both.
 */
export class DurableFolder extends NodeFS {
  /** Called when Postgres has given up (PANIC): from then on PGlite answers nothing and spins at every question. */
  onStopped: () => void = () => {};

  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    const made = await super.init(pg, options);
    const clean = isSynced(this.rootDir);
    const durable = ({ FS }: { FS: unknown }): void => makeDurable(FS as FileSystem, clean);
    const { preRun = [] } = made.emscriptenOpts;
    return {
      ...made,
      emscriptenOpts: {
        ...made.emscriptenOpts,
        preRun: [...preRun, durable] as typeof preRun,
        onAbort: () => this.onStopped(),
      },
    };
  }
}

/**
 * Brings what a killed process left in the system's caches to the disk, in one call for the whole file system: after a
 * crash Postgres asks for each of a thousand files alone, seconds on an ordinary disk.
 * @returns whether it did; not every system has `sync -f`
 */
const isSynced = (dir: string): boolean =>
  spawnSync('sync', ['-f', dir], { stdio: 'ignore', timeout: 60_000 }).status === 0;

/** @param clean whether all that is there now is on the disk: then only what is written from now on is synced */
function makeDurable(fs: FileSystem, clean: boolean): void {
  const folder = fs.filesystems.NODEFS;
  const { stream_ops: streams, node_ops: nodes } = folder;
  const written = new WeakSet<Node>();
  /** Notes which node an operation changes, and does it. */
  const noting =
    <Rest extends [Node, ...unknown[]], Result>(operation: (...rest: Rest) => Result) =>
    (...rest: Rest): Result => {
      written.add(rest[0]);
      return operation(...rest);
    };
  const { write } = streams;
  streams.write = (stream, ...rest) => {
    written.add(stream.node);
    return write(stream, ...rest);
  };
  streams.fsync = ({ node, nfd }) => {
    if (clean && !written.has(node)) return 0;
    if (nfd !== undefined) fsyncSync(nfd);
    else syncFolder(folder.realPath(node));
    written.delete(node);
    return 0;
  };
  nodes.setattr = noting(nodes.setattr);
  nodes.unlink = noting(nodes.unlink);
  nodes.rmdir = noting(nodes.rmdir);
  const mknod = noting(nodes.mknod);
  nodes.mknod = (...rest) => {
    const node = mknod(...rest);
    written.add(node);
    return node;
  };
  nodes.rename = (node, to, name) => {
    const replaced = lookUp(fs, to, name);
    renameSync(folder.realPath(node), `${folder.realPath(to)}/${name}`);
    if (replaced && replaced !== node) fs.destroyNode(replaced);
    written.add(node.parent);
    written.add(to);
    node.name = name;
  };
}

function lookUp(fs: FileSystem, parent: Node, name: string): Node | undefined {
  try {
    return fs.lookupNode(parent, name);
  } catch {
    return undefined;
  }
}

/** Brings the names in a folder to the disk. Windows opens no folders, and keeps names in its journal. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
