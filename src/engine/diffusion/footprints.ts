import { footprint } from '../graph/footprint.js';
import type { Graph } from '../graph/graph.js';
import type { LatentSize } from '../families/family.js';
import type { MemoryNeed } from '../memory.js';
import type { Pipeline } from './pipeline.js';

/** Node, ONNX Runtime and its graphs before any tensor. */
const PROCESS = 300e6;
/**
 * What an edit of latents of this size needs at most. All sessions stay ready from one edit to the next, each with its
 * arena and a copy of its weights in the order that products like best: SD 1.5's denoiser, compiled for one row and for
 * two, holds 3.3 GB each time, which are mapped besides.
 * @param prompts one an item
 * @param rows 2 with guidance, 1 without
 */
export function editNeed(pipeline: Pipeline, size: LatentSize, prompts: number, rows = 2): MemoryNeed {
  const { prompts: words, pictures, family } = pipeline;
  const { height, width } = size;
  const denoiser = (count: number): Graph =>
    pipeline.predictorGraph(
      [count, family.denoiser.channels, height, width],
      prompts * words.length,
      undefined,
      {},
    );
  const models = [
    words.graph(prompts, 0, {}),
    pictures.encoderGraph(width * pictures.factor, height * pictures.factor, {}),
    // SD 1.5 was measured when a session of one row was made for the gauge, too: it shares the drawing's by now, and this
    // is left in the estimate until that is measured again
    denoiser(1),
    pictures.decoderGraph(width, height, {}),
  ].map(footprint);
  const sessions = rows === 1 ? models : [...models, footprint(denoiser(rows))];
  return {
    mapped: models.reduce((sum, { weights }) => sum + weights, 0),
    held: PROCESS + sessions.reduce((sum, { weights, activations }) => sum + weights + activations, 0),
  };
}
