import { resolveCheckpoint } from '../app/checkpoints.js';
import { Editor, extractLora, loadLearned, saveLearned } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';

export interface LoraFlags {
  readonly checkpoint: string;
  readonly rank: number;
  readonly out: string;
}

/** What cross-attention learned, as a LoRA of a rank, in a folder of the same kind. */
export function runLora(folder: string, { checkpoint: name, rank, out }: LoraFlags): void {
  const { pipeline } = Editor.open(resolveCheckpoint(name));
  const learned = loadLearned(folder, pipeline.checkpoint);
  if (
    ![...learned.weights.keys()].some((weight) =>
      pipeline.family.denoiser.trainable('cross-attention').includes(weight),
    )
  )
    throw new UserError(
      `${folder} holds no whole weights: learn with --method cross-attention and --save first`,
    );
  const extracted = extractLora(learned, pipeline.family.denoiser, rank);
  saveLearned(out, extracted.learned, pipeline.checkpoint);
  console.log(`rank ${rank} keeps ${(100 * extracted.kept).toFixed(1)} % of what was learned: ${out}`);
}
