import { type Editor, type Scene, shortage } from '../editor.js';
import { bytesOf } from '../memory.js';
import { UserError } from '../errors.js';
import type { Raster } from '../raster.js';
import { heldMegabytes, machineMegabytes } from './memory.js';

export type Job = 'learn' | 'edit';

const MB = 2 ** 20;
/**
 * Bytes that a picture's cutting and drafts hold for each of its pixels at most: at 4, 12 and 24 megapixels a process
 * that cut, removed and swapped had 420, 850 and 1,340 MB more than at its start.
 */
const PER_PIXEL = 70;
const WHAT: Record<Job, string> = { learn: 'learning this picture', edit: 'drawing this' };

/**
 * @param limit megabytes that this process may hold
 * @throws UserError for a picture that could never be edited here
 */
export function admitPicture({ width, height }: Pick<Raster, 'width' | 'height'>, limit = Infinity): void {
  const need = (width * height * PER_PIXEL) / MB;
  if (need <= limit) return;
  const most = (limit * MB) / PER_PIXEL / 1e6;
  throw new UserError(
    `the picture is ${width}x${height} pixels, and editing it takes about ${(need / 1024).toFixed(1)} GB of memory, more than there is here: send one of at most ${most.toFixed(1)} megapixels`,
  );
}

/** What memory depends on: a picture's size, and how many items it has. */
interface Counted extends Pick<Scene, 'picture'> {
  readonly items: readonly unknown[];
}

/**
 * Lets a job of the checkpoint's begin when there is memory for it, and makes room where sessions of other jobs have it.
 * How much a GPU has no binding tells: jobs begin there as they come.
 * @param limit megabytes that this process may hold
 * @throws UserError with the figures, before a weight is read: trying again would not help
 */
export async function admit(
  editor: Editor,
  scene: Counted & { readonly references?: Readonly<Record<string, Counted>> | undefined },
  job: Job,
  limit = Infinity,
): Promise<void> {
  const { pipeline } = editor;
  if (pipeline.device !== 'cpu') return;
  // frames of other proportions have as many cells: the picture with most items takes most memory
  const pictures = job === 'learn' ? [scene, ...Object.values(scene.references ?? {})] : [scene];
  const { picture, items } = pictures.reduce((a, b) => (b.items.length > a.items.length ? b : a));
  const need = editor.memoryNeeded(picture, items.length, job);
  const missing = shortage(need, { free: machineMegabytes() * MB, budget: limit * MB });
  if (missing)
    throw new UserError(
      `${WHAT[job]} with ${pipeline.checkpoint.name} ${missing}: begin with a smaller checkpoint, or ask whoever runs this bot for more memory`,
    );
  if (heldMegabytes(process.pid) * MB + need.held > limit * MB) await pipeline.sessions.clear();
}

/**
 * Whether a drawing has memory beside what is being learned, once everything has gone that can.
 * @param limit megabytes that this process may hold
 */
export async function fitsBeside(
  editor: Editor,
  picture: { readonly width: number; readonly height: number },
  items: number,
  limit = Infinity,
): Promise<boolean> {
  const { pipeline } = editor;
  const need = editor.memoryNeeded(picture, items, 'edit');
  if (pipeline.device !== 'cpu') return pipeline.sessions.hasRoomFor(bytesOf(need));
  const fits = (): boolean =>
    heldMegabytes(process.pid) * MB + need.held <= limit * MB && need.held <= process.availableMemory();
  if (!fits()) await pipeline.sessions.clear();
  return fits();
}

/** How many pictures of this scene may be drawn at once, at most `wanted`. */
export function batchOf(editor: Editor, { picture, items }: Scene, wanted: number, limit = Infinity): number {
  const memory = { free: machineMegabytes() * MB, budget: limit * MB };
  for (let batch = wanted; batch > 1; batch--)
    if (!shortage(editor.memoryNeeded(picture, items.length, 'edit', batch), memory)) return batch;
  return 1;
}
