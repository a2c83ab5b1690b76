// A dedit that its parent kills at any moment. Compiled modules; an engine of a few milliseconds; posts go to a file.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dedit } from '../../dist/app/dedit.js';

const [dataDir, posts, edits] = process.argv.slice(2);
const bytes = Buffer.from('a picture');
const items = ['grass', 'dog', 'ball', 'tree'].map((name) => ({
  name,
  prompt: { kind: 'text', text: name },
}));
const shown = (kept) => ({
  width: 32,
  height: 24,
  picture: bytes,
  labels: bytes,
  overlay: bytes,
  items: kept,
});
const engine = {
  segment: async () => shown(items),
  associate: async (scene) => (await sleep(15), { items: scene.items, learned: bytes }),
  edit: async (scene, edit) => {
    await sleep(25);
    appendFileSync(edits, `${edit.words}\n`);
    return shown(scene.items);
  },
  strip: async () => bytes,
  mask: async () => bytes,
  close: async () => {},
};
const platform = {
  name: 'web',
  start: async (handle) => {
    process.on('message', async (event) => {
      await handle(event.kind === 'upload' ? { ...event, picture: bytes } : event);
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
// a kill leaves the system's caches as they are: nothing here needs the disk itself
const dedit = await Dedit.open({ dataDir, sync: false, checkpoints: ['pocket'], engine: () => engine });
await dedit.serve([platform]);
process.send({ ready: true });
for (;;) {
  await sleep(50);
  await dedit.settled('web', 't');
  process.send({ settled: true });
}
