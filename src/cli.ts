import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ChatFlags } from './chat.js';
import { runBench, runBenchCase } from './bench.js';
import { PACKAGE_ROOT, resolveCheckpoint } from './checkpoints.js';
import { parseEdit } from './commands/index.js';
import { runDemo } from './demo.js';
import { runDoctor } from './doctor.js';
import { BENCH_CASES, type BenchCase } from './engine/bench.js';
import {
  type AssociationOptions,
  type Device,
  decodeLabels,
  decodePicture,
  Editor,
  encodePng,
  loadLearned,
  type Scene,
  saveLearned,
} from './engine/editor.js';
import { UserError } from './engine/errors.js';
import { writeSegmentation } from './segmentFiles.js';

interface EditFlags {
  readonly say: string[];
  readonly out: string;
  readonly seed: number;
  readonly masks?: string;
  readonly checkpoint: string;
  readonly device: Device | 'auto';
  readonly steps?: number;
  readonly finetuneSteps?: readonly [number, number];
  readonly save?: string;
  readonly load?: string;
}

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('say a whole number');
  return Number(text);
};

const pair = (text: string): readonly [number, number] => {
  const match = /^(\d+),(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError('say two whole numbers, as 60,60');
  return [Number(match[1]), Number(match[2])];
};

const checkpointOption = () => new Option('--checkpoint <name|dir>', 'checkpoint').default('pocket');
const deviceOption = () =>
  new Option('--device <device>', 'where to compute')
    .choices(['cpu', 'webgpu', 'cuda', 'auto'])
    .default('cpu');

async function edit(image: string, flags: EditFlags): Promise<void> {
  const { picture } = await decodePicture(image);
  const drawn = flags.masks ? await decodeLabels(readFileSync(flags.masks), picture) : undefined;
  // 'auto' is the CPU until a device is measured to be faster for the checkpoint at hand
  const device = flags.device === 'auto' ? 'cpu' : flags.device;
  const editor = Editor.open(resolveCheckpoint(flags.checkpoint), { device });
  let scene: Scene = editor.segment(picture, drawn);
  // every sentence is understood before anything long begins
  for (const text of flags.say) parseEdit(text, { ...picture, items: scene.items });
  scene = await learn(editor, scene, flags);
  const { seed, steps } = flags;
  for (const text of flags.say) {
    const command = parseEdit(text, { ...picture, items: scene.items });
    scene = await editor.edit(scene, command, { seed, ...(steps ? { steps } : {}) });
    console.log(`${text}: done`);
  }
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, await encodePng(scene.picture));
  console.log(`wrote ${flags.out}`);
}

async function learn(
  editor: Editor,
  scene: Scene,
  { finetuneSteps, load, save, seed }: EditFlags,
): Promise<Scene> {
  const { name } = editor.pipeline.checkpoint;
  let learned: Scene;
  if (load) {
    learned = editor.withLearned(scene, loadLearned(load, name));
  } else {
    const options: Partial<AssociationOptions> = { seed, ...(finetuneSteps ? { steps: finetuneSteps } : {}) };
    learned = await editor.associate(scene, options, {
      onProgress: ({ stage, step, of, loss }) => {
        if (step % 20 === 0 || step === of) {
          console.log(`learning items, step ${stage} of 2: ${step}/${of}, loss ${loss.toFixed(4)}`);
        }
      },
    });
  }
  if (save) saveLearned(save, learned.learned!, name);
  return learned;
}

const program = new Command('dedit')
  .description('Edits pictures item by item.')
  .version((JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8')) as { version: string }).version)
  .exitOverride()
  .configureOutput({ writeErr: () => {} });

program
  .command('segment <image>')
  .description('cut a picture into numbered items: overlay.png, labels.png, items.json')
  .requiredOption('--out <dir>', 'folder to write to')
  .action(async (image: string, { out }: { out: string }) => {
    const { picture } = await decodePicture(image);
    const scene = Editor.cut(picture);
    await writeSegmentation(out, scene);
    for (const [i, { name }] of scene.items.entries()) console.log(`${i + 1} ${name}`);
  });

program
  .command('edit <image>')
  .description('edit a picture by words')
  .requiredOption('--say <text...>', 'what to do, as "replace 3 with a cat"; several in turn')
  .requiredOption('--out <file>', 'picture to write')
  .option('--seed <n>', 'same seed, same picture', whole, 42)
  .option('--masks <labels.png>', 'a label map instead of the segmentation')
  .addOption(checkpointOption())
  .addOption(deviceOption())
  .option('--steps <n>', 'sampling steps', whole)
  .option('--finetune-steps <a,b>', 'micro-steps of the two learning stages', pair)
  .option('--save <dir>', 'keep what was learned')
  .option('--load <dir>', 'use what was kept')
  .action(edit);

program
  .command('start')
  .description('the bots for which .env has tokens, and the chat page')
  .action(async () => (await import('./service.js')).runStart());

program
  .command('chat')
  .description('the conversation in the terminal')
  .option('--image <file>', 'a picture to begin with')
  .option('--script <file>', 'messages, one a line; "attach FILE" sends a picture, "react 3️⃣" reacts')
  .option('--out <dir>', 'every picture sent lands here as NNN-<kind>.png', 'dedit-chat')
  .option('--json', 'one event a line')
  .option('--resume', 'go on with the last chat')
  .action(async (flags: ChatFlags) => (await import('./service.js')).runChatCommand(flags));

program
  .command('pull <name>')
  .description('download a checkpoint from the Hub: sd15, sdxl or owner/name')
  .action(async (name: string) => (await import('./pull.js')).runPull(name));

program
  .command('worker')
  .description('consume jobs of a shared database only (needs DATABASE_URL)')
  .action(async () => (await import('./service.js')).runWorker());

program
  .command('register')
  .description('tell Discord the slash commands (needs DISCORD_TOKEN)')
  .action(async () => (await import('./service.js')).runRegister());

program.command('demo').description('one picture through everything, into demo/out').action(runDemo);
program
  .command('doctor')
  .description('what works here')
  .action(() => runDoctor());

program
  .command('bench')
  .description('times the engine, beside PyTorch where there is one')
  .option('--json', 'as JSON')
  .addOption(new Option('--case <name>').choices(BENCH_CASES).hideHelp())
  .action((flags: { json?: boolean; case?: BenchCase }) =>
    flags.case ? runBenchCase(flags.case) : runBench(flags),
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
    if (known) console.error(`dedit: ${message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')}`);
    else
      console.error(
        `dedit: this is a bug, please report it: ${process.env.DEDIT_DEBUG ? (error as Error).stack : message}`,
      );
  }
}
