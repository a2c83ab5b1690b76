import { type Editor, type Scene, shortage } from '../editor.js';
import { UserError } from '../errors.js';
import { heldMegabytes, machineMegabytes } from './memory.js';

export type Job = 'learn' | 'edit';

const MB = 2 ** 20;
const WHAT: Record<Job, string> = { learn: 'learning this picture', edit: 'drawing this' };

/**
 * Lets a job of the checkpoint's begin when there is memory for it, and makes room where sessions of other jobs have it.
 * How much a GPU has no binding tells: jobs begin there as they come.
 * @param limit megabytes that this process may hold
 * @throws UserError with the figures, before a weight is read: trying again would not help
 */
export async function admit(editor: Editor, scene: Scene, job: Job, limit = Infinity): Promise<void> {
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
