import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { BlobsConfig } from '../../src/sessions/blobs.js';

/** The key pair that the emulator knows from the start. */
const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** S3 by others (npm's `emulate`) with an empty bucket. */
export async function openS3() {
  const port = await freePort();
  const emulator = spawn(
    process.execPath,
    ['node_modules/emulate/dist/index.js', '--service', 'aws', '-p', String(port)],
    { stdio: 'ignore' },
  );
  const config: BlobsConfig = {
    DATA_DIR: '/nowhere',
    S3_BUCKET: 'dedit',
    S3_ENDPOINT: `http://localhost:${port}`,
    S3_REGION: 'us-east-1',
    S3_ACCESS_KEY_ID: KEYS.accessKeyId,
    S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
  const client = new S3Client({
    endpoint: config.S3_ENDPOINT!,
    region: config.S3_REGION,
    credentials: KEYS,
    forcePathStyle: true,
    maxAttempts: 40, // it takes a moment to listen
  });
  await client.send(new CreateBucketCommand({ Bucket: config.S3_BUCKET! }));
  client.destroy();
  return { config, close: () => void emulator.kill() };
}
