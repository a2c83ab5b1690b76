import { type Footprint, footprint } from '../graph/footprint.js';
import type { LatentSize } from '../families/family.js';
import type { MemoryNeed } from '../memory.js';
import { keptBytes, SPREAD, thriftFor } from '../runtime/thrift.js';
import type { Pipeline } from './pipeline.js';

/** Node, ONNX Runtime and its graphs before any tensor. */
const PROCESS = 300e6;

/**
 * What an edit of latents of this size needs at most. All sessions stay ready from one edit to the next with what they
 * keep; one runs at a time.
 * @param prompts one an item
 * @param rows 2 with guidance, 1 without
 */
export function editNeed(pipeline: Pipeline, size: LatentSize, prompts: number, rows = 2): MemoryNeed {
  const { prompts: words, pictures, family } = pipeline;
  const { height, width } = size;
  const shape = [rows, family.denoiser.channels, height, width];
  const models = [
    words.graph(prompts, 0, {}),
    pipeline.predictorGraph(shape, prompts * words.length, undefined, {}),
    ...pictures.passes(width, height),
  ].map(footprint);
  const working = (found: Footprint): number => (thriftFor(found).arena ? 0 : SPREAD * found.activations);
  return {
    mapped: models.reduce((sum, { weights }) => sum + weights, 0),
    held:
      PROCESS + models.reduce((sum, found) => sum + keptBytes(found), 0) + Math.max(...models.map(working)),
  };
}
