// Generates the Prisma client. The Prisma CLI wants to download its native schema engine, which `generate` does not
// use: naming any existing file keeps it from the network.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const cli = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js');
execFileSync(process.execPath, [cli, 'generate'], {
  env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', ...process.env },
  stdio: ['ignore', 'ignore', 'inherit'],
});
