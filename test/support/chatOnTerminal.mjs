// `dedit chat` over an engine that does each thing when a file of its name is there: what a test sees hangs on no clock.
// Arguments: the folder of data, out and those files; flags of the chat follow. Compiled modules.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dedit } from '../../dist/app/dedit.js';
import { runChat } from '../../dist/cli/chat.js';

const [folder, ...flags] = process.argv.slice(2);
const allowed = async (what, signal) => {
  while (!existsSync(join(folder, what))) await sleep(10, undefined, { signal });
};
const bytes = Buffer.from('a picture');
const shown = (items) => ({
  ...{ width: 32, height: 24, picture: bytes, labels: bytes, overlay: bytes },
  items,
});
const named = (...names) => names.map((name) => ({ name, prompt: { kind: 'text', text: name } }));
const engine = {
  segment: async () => {
    await allowed('cut');
    return shown(named('grass', 'dog', 'ball'));
  },
  associate: async (scene, _options, { signal }) => {
    await allowed('learn', signal);
    return { items: scene.items, learned: bytes, steps: { taken: 1, of: 1 } };
  },
  edit: async (scene, _edit, _options, { signal }) => {
    await allowed('edit', signal);
    return shown(scene.items);
  },
  close: async () => {},
};
const image = flags.indexOf('--image');
const dataDir = join(folder, 'data');
const dedit = await Dedit.open({ dataDir, checkpoints: ['fake'], engine: () => engine, learn: 'lazy' });
await runChat(
  dedit,
  {
    out: join(folder, 'out'),
    resume: flags.includes('--resume'),
    ...(image < 0 ? {} : { image: flags[image + 1] }),
  },
  dataDir,
);
