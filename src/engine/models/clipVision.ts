import type { WeightSource } from '../checkpoint/source.js';
import type { CLIPVisionConfig } from '../checkpoint/config/clip.js';
import { Graph, type GraphOptions, type Value } from '../graph/graph.js';
import { add, concat, expandTo, gatherRows, reshape, slice, transpose } from '../graph/ops/index.js';
import { clipLayers } from './clipLayers.js';
import { Parameters } from './parameters.js';

export interface ClipVisionOutputs {
  /** The class token's last hidden state after the last norm, [N, hidden_size]. */
  readonly pooled: Value;
  /** The same projected to where texts are compared, [N, projection_dim]. */
  readonly embeds: Value;
}

/**
 * transformers' CLIPVisionModelWithProjection.
 * @param p its tensors, also as part of a CLIPModel or within another wrapper (the safety checker's)
 * @param pixelValues normalised, [N, 3, image_size, image_size]
 */
export function clipVision(p: Parameters, config: CLIPVisionConfig, pixelValues: Value): ClipVisionOutputs {
  let model = p;
  // the wrappers' prefixes: none, one, or in old safety checkers two
  for (let depth = 0; depth < 2 && !model.has('pre_layrnorm.weight'); depth++)
    model = model.at('vision_model');
  const { hidden_size: width, image_size, patch_size, layer_norm_eps: epsilon } = config;
  const n = pixelValues.shape[0] as number;
  const places = (image_size / patch_size) ** 2;
  const patches = model
    .at('embeddings')
    .conv2d('patch_embedding', pixelValues, width, patch_size, { stride: patch_size, pads: [0, 0, 0, 0] });
  const rows = transpose(reshape(patches, [n, width, places]), [0, 2, 1]);
  const first = reshape(model.get('embeddings.class_embedding', [width]), [1, 1, width]);
  const positions = model.get('embeddings.position_embedding.weight', [places + 1, width]);
  const embedded = add(
    concat([expandTo(first, [n, 1, width]), rows], 1),
    gatherRows(positions, order(p, places + 1)),
  );
  // the name is misspelt in everybody's files
  const { last } = clipLayers(model, config, model.layerNorm('pre_layrnorm', embedded, epsilon));
  const token = reshape(slice(last, 1, 0, 1), [n, width]);
  const pooled = model.layerNorm('post_layernorm', token, epsilon);
  return { pooled, embeds: p.linear('visual_projection', pooled, config.projection_dim) };
}

/** A graph of its own for one picture: from `pixels`, normalised, [1, 3, image_size, image_size], to `embeds`. */
export function clipVisionGraph(
  weights: WeightSource,
  config: CLIPVisionConfig,
  options: GraphOptions,
): Graph {
  const graph = new Graph(options);
  const pixels = graph.input('pixels', [1, 3, config.image_size, config.image_size]);
  graph.output('embeds', clipVision(new Parameters(graph, weights), config, pixels).embeds);
  return graph;
}

/** 0, 1, 2, … */
const order = ({ graph }: Parameters, length: number): Value =>
  graph.constant(
    Int32Array.from({ length }, (_, i) => i),
    [length],
  );
