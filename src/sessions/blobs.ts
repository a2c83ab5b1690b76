import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Disk, errors } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import { UserError } from '../engine/errors.js';

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
  constructor(private readonly disk: Disk) {}

  static inFolder(folder: string): Blobs {
    return new Blobs(new Disk(new FSDriver({ location: folder, visibility: 'private' })));
  }

  /** In the bucket when one is named, in a folder beside the embedded database otherwise. */
  static async of(config: BlobsConfig): Promise<Blobs> {
    if (!config.S3_BUCKET) return Blobs.inFolder(join(config.DATA_DIR, 'blobs'));
    const { S3Driver } = await import('flydrive/drivers/s3');
    const driver = new S3Driver({
      bucket: config.S3_BUCKET,
      region: config.S3_REGION,
      ...(config.S3_ENDPOINT ? { endpoint: config.S3_ENDPOINT, forcePathStyle: true } : {}),
      credentials: {
        accessKeyId: config.S3_ACCESS_KEY_ID ?? '',
        secretAccessKey: config.S3_SECRET_ACCESS_KEY ?? '',
      },
      visibility: 'private',
      supportsACL: false,
    });
    return new Blobs(new Disk(driver));
  }

  /** Stores bytes under a new key of the session. A blob is never changed: what refers to it is written afterwards. */
  async put(session: string, name: string, bytes: Uint8Array): Promise<string> {
    const key = `sessions/${session}/${randomUUID()}-${name}`;
    try {
      await this.disk.put(key, bytes);
    } catch (error) {
      if (isFull(error))
        throw new UserError(
          'the disk of this bot is full: ask whoever runs it to make room, then say it again',
        );
      throw error;
    }
    return key;
  }

  async get(key: string): Promise<Uint8Array> {
    return await this.disk.getBytes(key);
  }

  /** Deletes everything of a session. */
  async forget(session: string): Promise<void> {
    try {
      await this.disk.deleteAll(`sessions/${session}/`);
    } catch (error) {
      if (!(error instanceof errors.E_CANNOT_DELETE_FILE)) throw error;
    }
  }
}

function isFull(error: unknown): boolean {
  for (let e = error as { code?: string; cause?: unknown } | undefined; e; e = e.cause as typeof e) {
    if (e.code === 'ENOSPC' || e.code === 'EDQUOT') return true;
  }
  return false;
}
