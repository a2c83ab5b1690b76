import { footprint } from '../graph/footprint.js';
import type { Graph } from '../graph/graph.js';
import type { LatentSize } from '../families/family.js';
import type { Pipeline } from './pipeline.js';

/** Node, ONNX Runtime and its graphs before any tensor. */
const PROCESS = 300e6;
/** Copies of weights in the order that products like best, as far as sessions make them. */
const PREPACKED = 1.5;

/**
 * What an edit of latents of this size needs at most, in bytes: the weights of all models, which stay ready from one edit
 * to the next, and what the largest of them works in.
 * @param prompts one an item
 * @param rows 2 with guidance, 1 without
 */
export function editBytes(pipeline: Pipeline, size: LatentSize, prompts: number, rows = 2): number {
  const { prompts: words, pictures, family } = pipeline;
  const { height, width } = size;
  const shape = [rows, family.denoiser.channels, height, width];
  const graphs: Graph[] = [
    words.graph(prompts, 0, {}),
    pictures.encoderGraph(width * pictures.factor, height * pictures.factor, {}),
    pipeline.predictorGraph(shape, prompts * words.length, undefined, {}),
    pictures.decoderGraph(width, height, {}),
  ];
  const prints = graphs.map(footprint);
  const weights = prints.reduce((sum, p) => sum + p.weights, 0);
  return PROCESS + PREPACKED * weights + Math.max(...prints.map((p) => p.activations));
}
