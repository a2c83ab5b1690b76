import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maskLink } from '../../src/bot/web/maskLink.js';
import { type WebOptions, WebPlatform } from '../../src/bot/web/platform.js';
import { Dedit, type DeditOptions } from '../../src/app/dedit.js';
import { FakeEngine } from './fakeEngine.js';

export const SECRET = 'a secret of sixteen characters or more';

/** The page over a new database and a fake engine, on a free port. */
export async function openWeb(more: { web?: Partial<WebOptions>; dedit?: Partial<DeditOptions> } = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'dedit-web-'));
  let base = 'http://localhost';
  const dedit = await Dedit.open({
    dataDir,
    checkpoints: ['pocket'],
    engine: () => new FakeEngine({ learnMs: 40, editMs: 40 }),
    maskLink: (session, item) => maskLink(SECRET, { session, item }, base),
    ...more.dedit,
  });
  const web = new WebPlatform({
    host: '127.0.0.1',
    port: 0,
    secret: SECRET,
    sessions: dedit.sessions,
    replies: dedit.replies,
    ready: () => dedit.whyNotReady(),
    logger: { error: (fields) => console.error(fields) },
    ...more.web,
  });
  await dedit.serve([web]);
  base = `http://127.0.0.1:${web.port}`;
  return {
    dedit,
    web,
    base,
    close: async () => {
      await dedit.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
