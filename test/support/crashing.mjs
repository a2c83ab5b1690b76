// A dedit whose engine takes the whole process with it when it is asked for "make 2 deadly". Compiled modules.
import { appendFileSync } from 'node:fs';
import { Dedit } from '../../dist/app/dedit.js';

const [dataDir, posts, claims] = process.argv.slice(2);
const bytes = Buffer.from('a picture');
const items = ['grass', 'dog', 'ball'].map((name) => ({ name, prompt: { kind: 'text', text: name } }));
const shown = () => ({ width: 32, height: 24, picture: bytes, labels: bytes, overlay: bytes, items });
const engine = {
  segment: async () => shown(),
  associate: async (scene) => ({ items: scene.items, learned: bytes }),
  edit: async (_scene, { words }) => {
    appendFileSync(claims, `${words}\n`);
    if (words === 'deadly') process.kill(process.pid, 'SIGKILL');
    return shown();
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
      await dedit.settled('web', 't');
      process.send('settled');
    });
  },
  post: async (_thread, reply, key) => {
    if (reply.kind !== 'progress') appendFileSync(posts, `${reply.kind}: ${reply.text}\n`);
    return key;
  },
  update: async () => {},
  stop: async () => {},
};
// a kill leaves the system's caches as they are: nothing here needs the disk itself
const dedit = await Dedit.open({ dataDir, sync: false, checkpoints: ['pocket'], engine: () => engine });
await dedit.serve([platform]);
process.send('ready');
