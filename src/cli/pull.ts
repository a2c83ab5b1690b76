import { pulledFolder } from '../app/checkpoints.js';
import { readConfig } from '../app/config.js';
import { pullCheckpoint } from '../engine/editor.js';

/** `dedit pull NAME`: a checkpoint or the segmenter from the Hub, into the folder where its name finds it. */
export async function runPull(name: string): Promise<void> {
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token } = readConfig();
  const to = pulledFolder(name);
  const { stdout } = process;
  let told = -1;
  const commit = await pullCheckpoint({
    ...{ name, to, token },
    ...(endpoint ? { endpoint } : {}),
    onProgress: ({ file, done, of }) => {
      const percent = Math.floor((100 * done) / of);
      if (percent === told) return;
      told = percent;
      const line = `${String(percent).padStart(3)} %  ${(done / 1e6).toFixed(0)} of ${(of / 1e6).toFixed(0)} MB  ${file}`;
      if (stdout.isTTY) stdout.write(`\r\u001B[K${line}`);
      else if (percent % 10 === 0) stdout.write(`${line}\n`);
    },
  });
  if (stdout.isTTY) stdout.write('\n');
  const use =
    name === 'segmenter' ? '--segmenter segmenter, or SEGMENTER=segmenter in .env' : `--checkpoint ${name}`;
  console.log(`${name} is in ${to} (commit ${commit.slice(0, 12)}): use it with ${use}`);
}
