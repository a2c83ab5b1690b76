import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** On CI a missing browser is a failure, at home the rest of the tests still counts. */
export function browserIsThere(): boolean {
  const there = existsSync(CHROMIUM) || Boolean(process.env.CI);
  if (!there) console.warn(`skipped: no browser at ${CHROMIUM} (apt-get install chromium, or set CHROMIUM)`);
  return there;
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-background-networking'] });

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong with the page as it is now, a line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const found = await axe.run();
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`),
    );
  });
}

/** Bytes that come over the wire from now on. */
export async function countBytes(page: Page): Promise<() => number> {
  const client: CDPSession = await page.context().newCDPSession(page);
  let bytes = 0;
  await client.send('Network.enable');
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  client.on('Network.dataReceived', ({ encodedDataLength }) => (bytes += encodedDataLength));
  client.on('Network.responseReceived', ({ response }) => (bytes += response.encodedDataLength));
  return () => bytes;
}

/** Fingers, as a touch screen tells of them. */
export async function fingers(page: Page) {
  const client = await page.context().newCDPSession(page);
  const send = (
    type: 'touchStart' | 'touchMove' | 'touchEnd',
    points: readonly (readonly [number, number])[],
  ) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(([x, y], id) => ({ x, y, id })),
    });
  return {
    down: (...points: [number, number][]) => send('touchStart', points),
    move: (...points: [number, number][]) => send('touchMove', points),
    up: () => send('touchEnd', []),
  };
}
