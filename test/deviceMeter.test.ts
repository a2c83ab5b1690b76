import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { DeviceMeter } from '../src/cli/deviceMeter.js';
import { temporaryFolder } from './fixtures.js';

afterEach(() => vi.unstubAllEnvs());

it('tells what work took of a GPU at most, above what was taken before it', async () => {
  const folder = temporaryFolder();
  const file = (name: string): string => join(folder, name);
  // 300 MiB are taken; once there is work 1500, then 700
  const program = `#!/bin/sh
echo 300
while [ ! -e ${file('working')} ]; do /bin/sleep 0.01; done
echo 1500
echo 700
: >${file('told')}
exec /bin/sleep 100
`;
  writeFileSync(file('nvidia-smi'), program, { mode: 0o755 });
  vi.stubEnv('PATH', folder);
  const meter = await DeviceMeter.start();
  const result = await meter.during(async () => {
    writeFileSync(file('working'), '');
    while (!existsSync(file('told'))) await pause(5);
    return { line: 'done' };
  });
  meter.stop();
  expect(result).toEqual({ line: 'done', deviceMB: 1200 });
});

it('tells nothing where nobody tells it', async () => {
  vi.stubEnv('PATH', temporaryFolder());
  const meter = await DeviceMeter.start();
  expect(await meter.during(async () => ({ line: 'done' }))).toEqual({ line: 'done' });
  meter.stop();
});
