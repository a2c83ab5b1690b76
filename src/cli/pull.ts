import { pulledFolder } from '../app/checkpoints.js';
import { readConfig } from '../app/config.js';
import { type Pulled, pullCheckpoint } from '../engine/editor.js';

const USE = {
  checkpoint: (name) => `--checkpoint ${name}, or CHECKPOINTS=${name} in .env`,
  lora: (name) => `--lora ${name}, or LORAS=${name} in .env`,
  autoencoder: (name) => `--vae ${name}, or VAE=${name} in .env`,
  segmenter: (name) => `--segmenter ${name}, or SEGMENTER=${name} in .env`,
} as const satisfies Record<Pulled, (name: string) => string>;

/** `dedit pull NAME`: a checkpoint, a LoRA, an autoencoder or the segmenter from the Hub, into the folder where its name finds it. */
export async function runPull(name: string): Promise<void> {
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token } = readConfig();
  const to = pulledFolder(name);
  const { stdout } = process;
  let told = -1;
  const { kind, commit } = await pullCheckpoint({
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
  console.log(`${name} is in ${to} (commit ${commit.slice(0, 12)}): use it with ${USE[kind](name)}`);
}
