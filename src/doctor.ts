import { availableParallelism, totalmem } from 'node:os';
import { resolveCheckpoint } from './checkpoints.js';
import { Editor, supportedDevices } from './engine/editor.js';

/** Says what works on this machine and how to mend what does not. */
export async function runDoctor(): Promise<void> {
  console.log(
    `node        ${process.version}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  );
  console.log(`devices     ${supportedDevices().join(', ')}`);
  const { checkpoint } = Editor.open(resolveCheckpoint('pocket')).pipeline;
  console.log(`checkpoint  pocket opens (${checkpoint.dir})`);
}
