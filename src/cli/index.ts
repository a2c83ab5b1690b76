import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { PACKAGE_ROOT, parseVae } from '../app/checkpoints.js';
import { machineTrouble } from '../app/trouble.js';
import { METHODS, SAMPLER_NAMES } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import { type BenchFlags } from './bench.js';
import type { BenchCaseFlags } from './benchCase.js';
import { BENCH_SHAPES } from './benchCases.js';
import type { ChatFlags } from './chat.js';
import type { DemoFlags } from './demo.js';
import type { EditFlags } from './edit.js';
import {
  checkpointOption,
  decimal,
  deviceOption,
  precisionOption,
  embeddings,
  finetuneOption,
  itemsOption,
  loras,
  positive,
  segmenterOption,
  share,
  whole,
} from './options.js';
import type { LoraFlags } from './lora.js';
import type { RestoreFlags } from './restore.js';
import type { SegmentFlags } from './segment.js';

const program = new Command('dedit')
  .description('Edits pictures item by item.')
  .version((JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8')) as { version: string }).version)
  .exitOverride()
  .configureOutput({ writeErr: () => {} });

program
  .command('segment <image>')
  .description('cut a picture into numbered items: overlay.png, labels.png, items.json')
  .requiredOption('--out <dir>', 'folder to write to')
  .addOption(itemsOption())
  .addOption(checkpointOption())
  .addOption(segmenterOption())
  .action(async (image: string, flags: SegmentFlags) =>
    (await import('./segment.js')).runSegment(image, flags),
  );

program
  .command('edit <image>')
  .description('edit a picture by words')
  .requiredOption('--say <text...>', 'what to do, as "replace 3 with a cat"; several in turn')
  .requiredOption('--out <file>', 'picture to write')
  .option('--seed <n>', 'same seed, same picture', whole, 42)
  .option(
    '--reference <file...>',
    'a picture whose items may be used: "replace 3 with B2"; several are B, C, …',
  )
  .option('--masks <labels.png>', 'a label map instead of the segmentation')
  .addOption(itemsOption())
  .addOption(segmenterOption())
  .addOption(checkpointOption())
  .addOption(deviceOption())
  .addOption(precisionOption())
  .option('--vae <dir|name>', "an autoencoder in place of the checkpoint's, as taesd", parseVae)
  .option('--lora <file|name[:weight]>', 'a LoRA to add; several times for several', loras, [])
  .option(
    '--embedding <file>',
    'a textual inversion that prompts name; several times for several',
    embeddings,
    [],
  )
  .option('--steps <n>', 'sampling steps', positive)
  .option('--guidance <n>', 'how closely words are followed; 1 is off, and twice as fast', decimal)
  .addOption(new Option('--sampler <name>', 'how noise becomes a picture').choices(SAMPLER_NAMES))
  .option('--strength <percent>', "how long an edit's border stays as it was", share)
  .option('--edge <pixels>', 'width of that border', whole)
  .option(
    '--tries <n>',
    "drawings at most until the checkpoint's scorer recognises what was asked for",
    positive,
  )
  .addOption(finetuneOption())
  .addOption(new Option('--method <name>', 'what is learned of the denoiser').choices(METHODS))
  .option('--rank <n>', 'of the LoRA that is learned', positive)
  .option('--batch <n>', 'noised copies of the picture a micro-step', positive)
  .option('--save <dir>', 'keep what was learned')
  .option('--load <dir>', 'use what was kept')
  .option('--redraw <percent>', 'how much of what the picture itself answers is drawn anew', share)
  .action(async (image: string, flags: EditFlags) => (await import('./edit.js')).runEdit(image, flags));

program
  .command('lora <dir>')
  .description('what cross-attention learned (kept by edit --save), as a LoRA that other programs read')
  .requiredOption('--out <dir>', 'where the same is kept with a LoRA in the place of whole weights')
  .option('--checkpoint <name>', 'which it was learned with', 'pocket')
  .option('--rank <n>', 'of the LoRA', positive, 8)
  .action(async (dir: string, flags: LoraFlags) => (await import('./lora.js')).runLora(dir, flags));

program
  .command('start')
  .description('the bots for which .env has tokens, and the chat page')
  .action(async () => (await import('./start.js')).runStart());

program
  .command('chat')
  .description('the conversation in the terminal')
  .option('--image <file>', 'a picture to begin with')
  .option('--items <names>', 'what is to be among its items, as "dog, ball"')
  .option(
    '--script <file>',
    'messages, one a line; "attach FILE" sends a picture, "reference FILE" one whose items may be used, "react 3️⃣" reacts',
  )
  .option('--out <dir>', 'every picture sent lands here as NNN-<kind>.png', 'dedit-chat')
  .option('--json', 'one event a line')
  .option('--resume', 'go on with the last chat')
  .action(async (flags: ChatFlags) => (await import('./chat.js')).runChatCommand(flags));

program
  .command('pull <name>')
  .description(
    'download from the Hub: a checkpoint (sd15, sdxl or owner/name), a LoRA (lcm-lora), an autoencoder (taesd), or segmenter',
  )
  .action(async (name: string) => (await import('./pull.js')).runPull(name));

program
  .command('worker')
  .description('consume jobs of a shared database only (needs DATABASE_URL)')
  .action(async () => (await import('./worker.js')).runWorker());

program
  .command('backup <file>')
  .description('rows and pictures into one file, also while dedit runs')
  .action(async (file: string) => (await import('./backup.js')).runBackup(file));

program
  .command('restore <file>')
  .description('puts a backup back, where dedit does not run')
  .option('--replace', 'what is there already goes')
  .action(async (file: string, flags: RestoreFlags) =>
    (await import('./restore.js')).runRestore(file, flags),
  );

program
  .command('jobs')
  .description('what waits and what was given up')
  .argument('[what]', 'retry or drop')
  .argument('[id]', 'which job, as the list names it; all that were given up without it')
  .action(async (what?: string, id?: string) => (await import('./jobs.js')).runJobs(what, id));

program
  .command('register')
  .description('tell Discord the slash commands (needs DISCORD_TOKEN)')
  .action(async () => (await import('./register.js')).runRegister());

program
  .command('demo')
  .description('one picture through everything, into demo/out')
  .addOption(finetuneOption())
  .action(async (flags: DemoFlags) => (await import('./demo.js')).runDemo(flags));
program
  .command('doctor')
  .description('what works here')
  .action(async () => (await import('./doctor.js')).runDoctor());

program
  .command('cache')
  .description('copies of weights in the precision that is computed in, and of what LoRAs changed')
  .option('--empty', 'remove them, where dedit does not run: each is made again when it is needed')
  .action(async (flags: { empty?: boolean }) => (await import('./cache.js')).runCache(flags));

program
  .command('bench')
  .description('times the engine, beside PyTorch where there is one')
  .option('--json', 'as JSON')
  .addOption(new Option('--shape <name>', 'which model').choices(BENCH_SHAPES).default('pocket'))
  .option('--profile', 'names the ten costliest ops of each case')
  .option('--placement', 'counts the nodes of each case that fell to the CPU')
  .addOption(deviceOption())
  .addOption(precisionOption())
  .option('--only <names...>', 'these cases alone, by their names in the table')
  .addOption(new Option('--memory <MB>', 'what one case may hold before it is stopped').argParser(positive))
  .addOption(new Option('--runs <n>', 'counted runs of a case, after one that warms up').argParser(positive))
  .addOption(
    new Option('--cells <n>', 'latent cells a side, instead of those of the real shape').argParser(positive),
  )
  .addOption(
    new Option('--threads <n>', 'of both sides (2): 1 where the machine is shared').argParser(positive),
  )
  .option('--cold', 'without the run that warms up: for what takes minutes, where memory is the question')
  .addOption(new Option('--case <name>').hideHelp())
  .addOption(new Option('--batch <n>').argParser(Number).hideHelp())
  .addOption(new Option('--recompute').hideHelp())
  .addOption(new Option('--tiles').hideHelp())
  .addOption(new Option('--steps <n>').argParser(Number).hideHelp())
  .addOption(new Option('--taesd').hideHelp())
  .addOption(new Option('--file <file>').hideHelp())
  .action(async (flags: BenchFlags & Partial<BenchCaseFlags>) =>
    flags.case === undefined
      ? await (await import('./bench.js')).runBench(flags)
      : await (await import('./benchCase.js')).runBenchCase({ ...flags, case: flags.case }),
  );

/** Runs the command line; one line on stderr and status 1 when something is wrong. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'commander.helpDisplayed' || code === 'commander.version') return;
    process.exitCode = 1;
    const known = error instanceof UserError || code?.startsWith('commander.');
    const said = known ? message : machineTrouble(error)?.message;
    if (said && !process.env.DEDIT_DEBUG)
      console.error(`dedit: ${said.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')}`);
    else
      console.error(
        `dedit: ${said ? '' : 'this is a bug, please report it: '}${process.env.DEDIT_DEBUG ? (error as Error).stack : message}`,
      );
  }
}
