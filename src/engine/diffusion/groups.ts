import type { LatentSize } from '../families/family.js';
import { toGrid } from '../masks/grid.js';
import { pixelGroupsInput, TOKEN_GROUPS_INPUT } from '../models/groupBias.js';
import type { LabelMap } from '../raster.js';
import type { Tensor } from '../runtime/session.js';

/** Tokens that nobody sees: padding of a branch with fewer prompts. */
const NOBODY = -1;

/**
 * The integer inputs of grouped cross-attention (see groupBias) for the sizes at which a denoiser attends.
 * @param rows one a batch row: the label map whose items see their own prompt, or 'ordinary': every pixel sees the
 *   first prompt and nothing else, as ordinary cross-attention does
 */
export function groupInputs(
  rows: readonly (LabelMap | 'ordinary')[],
  { grid, prompts, length }: GroupShape,
): Record<string, Tensor> {
  const tokens = prompts * length;
  const inputs: Record<string, Tensor> = {
    [TOKEN_GROUPS_INPUT]: {
      shape: [rows.length, tokens],
      data: Int32Array.from({ length: rows.length * tokens }, (_, i) => {
        const prompt = Math.floor((i % tokens) / length);
        return rows[Math.floor(i / tokens)] === 'ordinary' && prompt > 0 ? NOBODY : prompt;
      }),
    },
  };
  for (const { height: h, width: w } of grid) {
    const data = new Int32Array(rows.length * h * w);
    for (const [row, labels] of rows.entries()) {
      if (labels !== 'ordinary') data.set(toGrid(labels, w, h).data, row * h * w);
    }
    inputs[pixelGroupsInput(h, w)] = { shape: [rows.length, h * w], data };
  }
  return inputs;
}

export interface GroupShape {
  /** Latent sizes at which pixels listen to tokens. */
  readonly grid: readonly LatentSize[];
  /** Prompts of a row and tokens of a prompt. */
  readonly prompts: number;
  readonly length: number;
}
