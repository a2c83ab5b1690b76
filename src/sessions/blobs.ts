import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import { UserError } from '../engine/errors.js';
import { SILENCE } from './postgres.js';
import { keepPrivate } from './private.js';

export interface BlobsConfig {
  readonly DATA_DIR: string;
  readonly S3_BUCKET?: string | undefined;
  readonly S3_ENDPOINT?: string | undefined;
  readonly S3_REGION: string;
  readonly S3_ACCESS_KEY_ID?: string | undefined;
  readonly S3_SECRET_ACCESS_KEY?: string | undefined;
}

/** Where pictures, label maps and learned items lie. Keys are made here: nothing a person writes enters one. */
export class Blobs {
  constructor(
    private readonly disk: Disk,
    /** Waits until what was stored is on the disk; object stores promise so themselves. */
    private readonly settle: (key: string) => Promise<void> = async () => {},
  ) {}

  /** @param sync false: nothing waits for the disk */
  static inFolder(folder: string, sync = true): Blobs {
    const disk = new Disk(new FSDriver({ location: folder, visibility: 'private' }));
    return sync ? new Blobs(disk, (key) => onDisk(folder, key)) : new Blobs(disk);
  }

  /** In the bucket when one is named, in a folder beside the embedded database otherwise. */
  static async of(config: BlobsConfig): Promise<Blobs> {
    if (!config.S3_BUCKET) {
      const folder = join(config.DATA_DIR, 'blobs');
      keepPrivate(folder);
      return Blobs.inFolder(folder);
    }
    const { S3Driver } = await import('flydrive/drivers/s3');
    const driver = new S3Driver({
      bucket: config.S3_BUCKET,
      region: config.S3_REGION,
      ...(config.S3_ENDPOINT ? { endpoint: config.S3_ENDPOINT, forcePathStyle: true } : {}),
      credentials: {
        accessKeyId: config.S3_ACCESS_KEY_ID ?? '',
        secretAccessKey: config.S3_SECRET_ACCESS_KEY ?? '',
      },
      // a connection that a router forgot hears nothing for ever
      requestHandler: { connectionTimeout: 10_000, socketTimeout: SILENCE },
      visibility: 'private',
      supportsACL: false,
      // the SDK's newer checksums, and deleting many objects at once, are what other makers' S3 does not always know
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    driver.deleteAll = async (prefix) => {
      let paginationToken: string | undefined;
      do {
        const page = await driver.listAll(`${prefix}/`, {
          recursive: true,
          ...(paginationToken ? { paginationToken } : {}),
        });
        await Promise.all(
          Array.from(page.objects, async (file) => file.isFile && (await driver.delete(file.key))),
        );
        ({ paginationToken } = page);
      } while (paginationToken);
    };
    return new Blobs(new Disk(driver));
  }

  /** Stores bytes under a new key of the session. A blob is never changed: what refers to it is written afterwards. */
  async put(session: string, name: string, bytes: Uint8Array): Promise<string> {
    const key = `sessions/${session}/${randomUUID()}-${name}`;
    try {
      await this.disk.put(key, bytes);
      await this.settle(key);
    } catch (error) {
      await this.#drop(key); // a full disk keeps the part that still went on it
      if (isFull(error))
        throw new UserError(
          'the disk of this bot is full: ask whoever runs it to make room, then say it again',
        );
      throw error;
    }
    return key;
  }

  /** Stores several under their names, or none of them. */
  async putAll<Name extends string>(
    session: string,
    files: Readonly<Record<Name, Uint8Array>>,
  ): Promise<Record<Name, string>> {
    const names = Object.keys(files) as Name[];
    const stored = await Promise.allSettled(names.map((name) => this.put(session, name, files[name])));
    const failed = stored.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    const keys = stored.flatMap((put) => (put.status === 'fulfilled' ? [put.value] : []));
    if (!failed) return Object.fromEntries(names.map((name, i) => [name, keys[i]])) as Record<Name, string>;
    await Promise.all(keys.map((key) => this.#drop(key)));
    throw failed.reason;
  }

  async get(key: string): Promise<Uint8Array> {
    return await buffer(await this.disk.getStream(key)); // getBytes gives 64 KiB of nothing for an empty file
  }

  /** The keys of everything that a session has. */
  async keysOf(session: string): Promise<string[]> {
    const keys: string[] = [];
    let paginationToken: string | undefined;
    do {
      const page = await this.#list(`sessions/${session}/`, paginationToken);
      for (const found of page.objects) if (found.isFile) keys.push(found.key);
      ({ paginationToken } = page);
    } while (paginationToken);
    return keys;
  }

  /** Stores bytes under the key that they had elsewhere. */
  async putBack(key: string, bytes: Uint8Array): Promise<void> {
    await this.disk.put(key, bytes);
  }

  /** The ids of sessions that have blobs, a page at a time. */
  async *sessions(): AsyncGenerator<string[]> {
    let paginationToken: string | undefined;
    do {
      const page = await this.#list('sessions/', paginationToken);
      yield Array.from(page.objects).flatMap((found) =>
        found.isDirectory ? [found.prefix.split('/').filter(Boolean).at(-1)!] : [],
      );
      ({ paginationToken } = page);
    } while (paginationToken);
  }

  async writtenAt(key: string): Promise<Date> {
    return (await this.disk.getMetaData(key)).lastModified;
  }

  async delete(key: string): Promise<void> {
    await this.disk.delete(key);
  }

  async #list(prefix: string, paginationToken?: string) {
    try {
      return await this.disk.listAll(prefix, paginationToken ? { paginationToken } : {});
    } catch (error) {
      // a folder that was never written to
      if (isMissing(error)) return { objects: [], paginationToken: undefined };
      throw error;
    }
  }

  /** Deletes everything of a session. */
  async forget(session: string): Promise<void> {
    await this.disk.deleteAll(`sessions/${session}`);
  }

  /** Nobody names the blob: one that cannot be deleted now goes with its session. */
  async #drop(key: string): Promise<void> {
    await this.disk.delete(key).catch(() => {});
  }
}

/** A file is on the disk when its bytes are, and its name in every folder up to one that was there before. */
async function onDisk(folder: string, key: string): Promise<void> {
  const names = key.split('/');
  for (let depth = names.length; depth >= 0; depth--) {
    // Windows opens no folders, and keeps names in its journal
    if (depth < names.length && process.platform === 'win32') return;
    const file = await open(join(folder, ...names.slice(0, depth)));
    await file.sync().finally(() => file.close());
  }
}

const isFull = (error: unknown): boolean => hasCode(error, ['ENOSPC', 'EDQUOT']);
const isMissing = (error: unknown): boolean => hasCode(error, ['ENOENT']);

function hasCode(error: unknown, codes: readonly string[]): boolean {
  for (let e = error as { code?: string; cause?: unknown } | undefined; e; e = e.cause as typeof e) {
    if (e.code && codes.includes(e.code)) return true;
  }
  return false;
}
