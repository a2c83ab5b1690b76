import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { maskLink } from '../../src/bot/web/maskLink.js';
import { type WebOptions, WebPlatform } from '../../src/bot/web/platform.js';
import { Dedit, type DeditOptions } from '../../src/app/dedit.js';
import type { ShownScene } from '../../src/engine/engine.js';
import { putDatabase } from './database.js';
import { FakeEngine } from './fakeEngine.js';

export const SECRET = 'a secret of sixteen characters or more';

/** The fake engine, which takes its time when it is told to, and says how far it is. */
export class PatientEngine extends FakeEngine {
  /** How long an edit takes, in ms. */
  slow: number | undefined;
  /** How the picture looks while it forms. */
  forming: Uint8Array | undefined;
  /** What a refinement paints a picture with; without it drafts stay as they are. */
  finer: number | undefined;

  override async refine(...asked: Parameters<FakeEngine['refine']>): Promise<ShownScene | undefined> {
    if (this.finer === undefined) return undefined;
    return await new FakeEngine({ refines: this.finer }).refine(...asked);
  }

  override async edit(
    ...[scene, edit, options, call = {}]: Parameters<FakeEngine['edit']>
  ): Promise<ShownScene> {
    const wait = this.slow;
    for (let step = 1; wait && step <= 8; step++) {
      await sleep(wait / 8, undefined, call.signal ? { signal: call.signal } : {});
      const preview = this.forming;
      call.onProgress?.({ stage: 'edit', step, of: 8, ...(preview ? { preview } : {}) });
    }
    return await super.edit(scene, edit, options, call);
  }
}

/** The page over a new database and a fake engine, on a free port. */
export async function openWeb(more: { web?: Partial<WebOptions>; dedit?: Partial<DeditOptions> } = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'dedit-web-'));
  await putDatabase(dataDir);
  let base = 'http://localhost';
  const engine = new PatientEngine({ learnMs: 40, editMs: 40 });
  const dedit = await Dedit.open({
    ...{ dataDir, sync: false, checkpoints: ['pocket'] },
    engine: () => engine,
    maskLink: (session, user, item) => maskLink(SECRET, { session, user, item }, base),
    ...more.dedit,
  });
  const web = new WebPlatform({
    host: '127.0.0.1',
    port: 0,
    secret: SECRET,
    sessions: dedit.sessions,
    replies: dedit.replies,
    checkpoints: ['pocket'],
    ready: () => dedit.whyNotReady(),
    logger: { error: (fields) => console.error(fields) },
    ...more.web,
  });
  await dedit.serve([web]);
  base = `http://127.0.0.1:${web.port}`;
  return {
    dedit,
    engine,
    web,
    base,
    close: async () => {
      await dedit.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
