import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { resolveCheckpoint, resolveSegmenter } from '../app/checkpoints.js';
import { learnedIn, ROUGH } from '../bot/describe.js';
import type { Subject } from '../commands/command.js';
import { cutWanted } from './wanted.js';
import { parseEdit } from '../commands/index.js';
import { needOf, REFERENCE_LETTERS } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import {
  type AssociationOptions,
  type Device,
  decodeLabels,
  decodePicture,
  type Edited,
  type EditOptions,
  Editor,
  encodePng,
  exactly,
  loadLearned,
  openSegmenter,
  pixels,
  type PrecisionChoice,
  precisionOn,
  type LoraChoice,
  type Scene,
  type Segmenter,
  saveLearned,
} from '../engine/editor.js';

export interface EditFlags {
  readonly say: string[];
  readonly out: string;
  readonly seed: number;
  readonly reference?: readonly string[];
  readonly masks?: string;
  /** What is to be among the items: "dog, ball". */
  readonly items?: string;
  readonly segmenter?: string;
  readonly checkpoint: string;
  readonly device: Device | 'auto';
  readonly precision: PrecisionChoice;
  readonly steps?: number;
  readonly guidance?: number;
  readonly sampler?: EditOptions['sampler'];
  readonly strength?: number;
  readonly edge?: number;
  /** How often something new is drawn at most until the checkpoint's scorer recognises it. */
  readonly tries?: number;
  readonly finetuneSteps?: readonly [number, number];
  readonly method?: AssociationOptions['method'];
  readonly rank?: number;
  readonly batch?: number;
  readonly save?: string;
  readonly load?: string;
  readonly lora?: readonly LoraChoice[];
  readonly vae?: string;
  readonly embedding?: readonly string[];
  /** How much of a draft is drawn anew, 0–1; without it drafts stay as they are. */
  readonly redraw?: number;
}

/** `dedit edit`: every sentence in turn; learns only when one of them needs it. */
export async function runEdit(image: string, flags: EditFlags): Promise<void> {
  const { picture } = await decodePicture(image);
  const drawn = flags.masks ? await decodeLabels(readFileSync(flags.masks), picture) : undefined;
  // 'auto' is the CPU until a device is measured to be faster for the checkpoint at hand
  const device = flags.device === 'auto' ? 'cpu' : flags.device;
  // a wrong name is told at once, also where drafts are all that is asked for
  const checkpoint = resolveCheckpoint(flags.checkpoint);
  const folder = flags.segmenter && resolveSegmenter(flags.segmenter);
  const segmenter = folder ? openSegmenter(folder) : undefined;
  let editor: Editor | undefined;
  const open = async (): Promise<Editor> =>
    (editor ??= Editor.open(checkpoint, {
      device,
      precision: await precisionOn(device, flags.precision),
      loras: flags.lora ?? [],
      embeddings: flags.embedding ?? [],
      ...(flags.vae ? { vae: flags.vae } : {}),
      ...(folder ? { segmenter: folder } : {}),
    }));
  if (drawn && flags.items) throw new UserError('--masks says what the items are: leave out --items');
  let scene: Scene = {
    ...(flags.items
      ? await cutWanted(await open(), picture, flags.items)
      : await pixels.cut(picture, drawn, segmenter)),
    ...(flags.reference ? { references: await referencesIn(flags.reference, segmenter) } : {}),
  };
  // every sentence is understood before anything long begins
  const said = flags.say.map((text) => parseEdit(text, subjectOf(scene)));
  const { seed, redraw = 0, load, save } = flags;
  const learns = said.some((edit) => needOf(edit) === 'learning') || redraw > 0;
  if (learns || load || save) scene = await learn(await open(), scene, flags);
  for (const text of flags.say) {
    const edit = parseEdit(text, subjectOf(scene));
    const draft = redraw > 0 ? undefined : await pixels.draft(scene, edit, { seed });
    const edited: Edited =
      draft ?? (await (await open()).edit(scene, edit, { redraw, ...chosen(flags, SAMPLING) }));
    console.log(`${text}: done`);
    if (edited.rough) console.log(ROUGH);
    scene = edited;
  }
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, await encodePng(scene.picture));
  console.log(`wrote ${flags.out}`);
}

async function referencesIn(files: readonly string[], segmenter?: Segmenter): Promise<Record<string, Scene>> {
  if (files.length > REFERENCE_LETTERS.length)
    throw new UserError(
      `there may be ${REFERENCE_LETTERS.length} reference pictures at most: leave some out`,
    );
  const scenes = files.map(async (file, i) => {
    const { picture } = await decodePicture(file);
    const scene = pixels.asReference(await pixels.cut(picture, undefined, segmenter));
    return [REFERENCE_LETTERS[i]!, scene] as const;
  });
  return Object.fromEntries(await Promise.all(scenes));
}

/** What words see of the picture as it is now. */
const subjectOf = ({ picture: { width, height }, items, references = {} }: Scene): Subject => ({
  ...{ width, height, items },
  references: Object.entries(references).map(([letter, other]) => ({ letter, items: other.items })),
});

/** Flags that are settings of sampling and of learning as they stand. */
const SAMPLING = ['seed', 'steps', 'guidance', 'sampler', 'strength', 'edge', 'tries'] as const;
const LEARNING = ['seed', 'method', 'rank', 'batch'] as const;

/** The flags that were said. */
const chosen = <Name extends keyof EditFlags>(
  flags: EditFlags,
  names: readonly Name[],
): Pick<EditFlags, Name> =>
  Object.fromEntries(
    names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]),
  ) as Pick<EditFlags, Name>;

async function learn(editor: Editor, scene: Scene, flags: EditFlags): Promise<Scene> {
  const { finetuneSteps, load, save } = flags;
  const { checkpoint } = editor.pipeline;
  let learned: Scene;
  if (load) {
    learned = editor.withLearned(scene, loadLearned(load, checkpoint));
  } else {
    const options: Partial<AssociationOptions> = {
      ...{ ...editor.associationDefaults(flags.method), ...chosen(flags, LEARNING) },
      ...(flags.rank ? { alpha: flags.rank } : {}),
      ...(finetuneSteps ? exactly(finetuneSteps) : {}),
    };
    const taught = await editor.associate(scene, options, {
      onProgress: ({ stage, step, of, loss }) => {
        if (step % 20 === 0 || step === of) {
          console.log(`learning items, step ${stage} of 2: ${step}/${of}, loss ${loss.toFixed(4)}`);
        }
      },
    });
    console.log(learnedIn(taught.steps));
    learned = taught;
  }
  if (save) saveLearned(save, learned.learned!, checkpoint);
  return learned;
}
