// One process of a dedit that others share a Postgres with: `bot` hears people and tells them, `worker` works. Compiled
// modules; an engine of milliseconds that now and then dies; a platform whose messages are lines of a file.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dedit } from '../../dist/app/dedit.js';
import { EngineFailure } from '../../dist/engine/engine.js';
import { Blobs } from '../../dist/sessions/blobs.js';

const { role, seed, dataDir, databaseUrl, blobs, posts } = JSON.parse(process.argv[2]);
let state = seed;
const chance = (share) => (state = (state * 48271) % 2147483647) / 2147483647 < share;

const bytes = Buffer.from('a picture');
const items = ['grass', 'dog', 'ball'].map((name) => ({ name, prompt: { kind: 'text', text: name } }));
const shown = () => ({ width: 32, height: 24, picture: bytes, labels: bytes, overlay: bytes, items });
const work = async () => {
  await sleep(20 + (chance(0.2) ? 300 : 0));
  if (chance(0.03)) throw new EngineFailure('crashed', 'the engine died');
  return shown();
};
const engine = {
  segment: work,
  associate: async (scene) => ({ items: scene.items, learned: bytes, steps: { taken: 1, of: 1 } }),
  edit: work,
  strip: async () => bytes,
  mask: async () => bytes,
  close: async () => {},
};

/** What a person sees; the way there and the way back may each break off. */
const platform = {
  name: 'web',
  start: async (handle) => {
    process.on('message', async ({ event }) => {
      if (!event) return;
      try {
        const taken = await handle(event.kind === 'upload' ? { ...event, picture: bytes } : event);
        process.send(taken === 'dropped' ? { refused: event.id } : { acknowledged: event.id });
      } catch (error) {
        process.send({ refused: event.id, why: String(error.message).slice(0, 200) });
      }
    });
  },
  post: async (thread, { kind, text }, key) => {
    if (kind === 'progress') return key;
    if (chance(0.03)) throw new Error('the platform does not answer');
    appendFileSync(posts, `${JSON.stringify({ thread, key, kind, text })}\n`);
    if (chance(0.03)) throw new Error('the platform took it and did not say so');
    return key;
  },
  update: async () => {},
  stop: async () => {},
};

const log = (fields, text) => process.send({ log: `${text ?? fields} ${fields.err?.message ?? ''}` });
const dedit = await Dedit.open({
  ...{
    dataDir,
    databaseUrl,
    checkpoints: ['pocket'],
    engine: () => engine,
    works: role === 'worker',
    learn: 'lazy',
  },
  blobs: blobs.S3_BUCKET ? await Blobs.of(blobs) : Blobs.inFolder(blobs.folder),
  logger: { info: () => {}, warn: log, error: log, debug: () => {} },
});
if (role === 'bot') await dedit.serve([platform]);
else await dedit.worker.start();
process.send({ ready: true });
process.once('SIGTERM', () => void dedit.close().then(() => process.exit(0)));
