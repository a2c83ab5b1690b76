/** The program as people start it, on a data folder of its own, and a browser beside it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/**
 * Resolves when the page is there.
 *
 * @param {Record<string, string>} env settings beside those of the shell
 */
export async function openPage(env) {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), 'dedit-page-'));
  const dedit = spawn(process.execPath, ['bin/dedit.js', 'start'], {
    env: { ...process.env, DATA_DIR: dataDir, WEB_PORT: String(port), LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  const close = async () => {
    await browser.close();
    dedit.removeAllListeners('exit');
    dedit.kill();
    await new Promise((resolve) => (dedit.exitCode === null ? dedit.once('exit', resolve) : resolve()));
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await new Promise((resolve, reject) => {
      dedit.stdout.once('data', resolve);
      dedit.once('exit', (status) => reject(new Error(`dedit ended with ${status}`)));
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { base: `http://127.0.0.1:${port}/`, browser, close };
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
