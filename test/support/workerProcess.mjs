// `dedit worker` with an engine that only takes its time, so that throughput is the queue's. Compiled modules.
// node workerProcess.mjs DATABASE_URL DATA_DIR EDITS_FILE EDIT_MS
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dedit } from '../../dist/app/dedit.js';

const [databaseUrl, dataDir, edits, editMs] = process.argv.slice(2);
const bytes = Buffer.from('a picture');
const items = ['grass', 'dog', 'ball'].map((name) => ({ name, prompt: { kind: 'text', text: name } }));
const shown = () => ({ width: 32, height: 24, picture: bytes, labels: bytes, overlay: bytes, items });
const engine = {
  segment: async () => shown(),
  associate: async (scene) => ({ items: scene.items, learned: bytes }),
  edit: async (_scene, edit) => {
    await sleep(Number(editMs));
    appendFileSync(edits, `${process.pid} ${edit.words}\n`);
    return shown();
  },
  strip: async () => bytes,
  mask: async () => bytes,
  close: async () => {},
};
const dedit = await Dedit.open({ dataDir, databaseUrl, checkpoints: ['pocket'], engine: () => engine });
await dedit.worker.start();
process.send('ready');
process.once('SIGTERM', () => void dedit.close().then(() => process.exit(0)));
