// A dedit that may be killed at any moment: its posts and the edits that begin go to files. Compiled modules.
// node mortal.mjs DATA_DIR POSTS_FILE EDITS_FILE
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dedit } from '../../dist/app/dedit.js';
import { quickEngine } from './quickEngine.mjs';

const [dataDir, posts, edits] = process.argv.slice(2);
const platform = {
  name: 'web',
  start: async (handle) => {
    process.on('message', async (event) => {
      await handle(event.kind === 'upload' ? { ...event, picture: Buffer.from('a picture') } : event);
      process.send({ acknowledged: event.id });
    });
  },
  post: async (_thread, reply, key) => {
    if (reply.kind !== 'progress')
      appendFileSync(posts, `${JSON.stringify({ key, kind: reply.kind, text: reply.text })}\n`);
    return key;
  },
  update: async () => {},
  stop: async () => {},
};
const engine = quickEngine(edits, { editMs: 25, learnMs: 15 });
// a kill leaves the system's caches as they are: nothing here needs the disk itself
const dedit = await Dedit.open({ dataDir, sync: false, checkpoints: ['pocket'], engine: () => engine });
await dedit.serve([platform]);
process.send({ ready: true });
for (;;) {
  await sleep(50);
  await dedit.settled('web', 't');
  process.send({ settled: true });
}
