import { type AddressInfo, createServer } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readHeader, readTensor } from '../src/engine/checkpoint/safetensors.js';

export const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** All tensors of a fixture file. */
export function readFixture(file: string): Record<string, Values> {
  const entries = [...readHeader(join(FIXTURES, file)).values()];
  return Object.fromEntries(
    entries.map((info) => [info.name, { shape: info.shape, data: readTensor(info) }]),
  );
}

/** ‖a − b‖ / ‖b‖; NaN never passes a comparison. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}

export const int32 = ({ shape, data }: Values) => ({ shape, data: Int32Array.from(data) });

/** Where lies what outlives a run; everything else of tests goes with the run (support/globalSetup.ts). */
export const keptFolder = (): string => process.env.DEDIT_KEPT ?? tmpdir();

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'dedit-test-'));

/** A TCP port of this machine that nobody listens on. */
export const freePort = async (): Promise<number> =>
  await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
