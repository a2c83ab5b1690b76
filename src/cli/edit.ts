import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { resolveCheckpoint } from '../app/checkpoints.js';
import { parseEdit } from '../commands/index.js';
import {
  type AssociationOptions,
  type Device,
  decodeLabels,
  decodePicture,
  Editor,
  encodePng,
  loadLearned,
  type LoraChoice,
  type Scene,
  saveLearned,
} from '../engine/editor.js';

export interface EditFlags {
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
  readonly lora?: readonly LoraChoice[];
  readonly vae?: string;
}

/** `dedit edit`: every sentence in turn, on what was learned or loaded. */
export async function runEdit(image: string, flags: EditFlags): Promise<void> {
  const { picture } = await decodePicture(image);
  const drawn = flags.masks ? await decodeLabels(readFileSync(flags.masks), picture) : undefined;
  // 'auto' is the CPU until a device is measured to be faster for the checkpoint at hand
  const device = flags.device === 'auto' ? 'cpu' : flags.device;
  const editor = Editor.open(resolveCheckpoint(flags.checkpoint), {
    device,
    loras: flags.lora ?? [],
    ...(flags.vae ? { vae: flags.vae } : {}),
  });
  let scene: Scene = await editor.segment(picture, drawn);
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
