import { footprint } from '../graph/footprint.js';
import type { Graph } from '../graph/graph.js';
import type { LatentSize } from '../families/family.js';
import type { MemoryNeed } from '../memory.js';
import { needOf, needTogether } from '../runtime/room.js';
import type { Pipeline } from './pipeline.js';

/** Node, ONNX Runtime and its graphs before any tensor. */
const PROCESS = 300e6;

/**
 * What an edit of latents of this size needs at most. Sessions stay ready from one edit to the next, as far as there is
 * room for them beside the one that runs (see runtime/room.ts).
 * @param prompts one an item
 * @param rows 2 with guidance, 1 without
 */
export function editNeed(pipeline: Pipeline, size: LatentSize, prompts: number, rows = 2): MemoryNeed {
  const { prompts: words, pictures, family } = pipeline;
  const { height, width } = size;
  const shape = [rows, family.denoiser.channels, height, width];
  const [encoder, decoder] = pictures.passes(width, height) as [Graph, Graph];
  const { mapped, held } = needTogether(
    [
      encoder,
      words.graph(prompts, 0, {}),
      pipeline.predictorGraph(shape, prompts * words.length, undefined, {}),
      decoder,
    ].map((graph) => needOf(footprint(graph))),
  );
  return { mapped, held: PROCESS + held };
}
