import type { CLIPTextConfig } from '../checkpoint/config/clip.js';
import type { Value } from '../graph/graph.js';
import { add, gatherRows, less, reshape, sub, where } from '../graph/ops/index.js';
import { clipLayers } from './clipLayers.js';
import type { Parameters } from './parameters.js';

export interface ClipTextInputs {
  /** Token ids [N, L], int32. */
  readonly inputIds: Value;
  /** Rows of new tokens [K, hidden_size]; their ids follow the vocabulary's. */
  readonly newTokens?: Value | undefined;
  /** For the pooled output: flat position n·L + p of each prompt's end token, [N], int32 (see `endPositions`). */
  readonly endPositions?: Value | undefined;
}

export interface ClipTextOutputs {
  /** After the final layer norm, [N, L, hidden_size]. */
  readonly lastHiddenState: Value;
  /** Of the last layer but one, without the final norm (SDXL's condition), [N, L, hidden_size]. */
  readonly penultimate: Value;
  /** The end token's last hidden state, projected where the model has a projection, [N, D]. */
  readonly pooled?: Value | undefined;
}

/** Old files wrap the text model; transformers 5 writes its weights without the wrapper's prefix. */
const WRAPPER = 'text_model.';
const TABLE = 'embeddings.token_embedding.weight';

/** The name of the token embeddings [vocab_size, hidden_size] in an encoder's files. */
export const tokenTable = (weights: { has(name: string): boolean }): string =>
  weights.has(WRAPPER + TABLE) ? WRAPPER + TABLE : TABLE;

/** transformers' CLIPTextModel, or CLIPTextModelWithProjection when the weights have `text_projection`. */
export function clipText(p: Parameters, config: CLIPTextConfig, inputs: ClipTextInputs): ClipTextOutputs {
  const model = p.has(WRAPPER + TABLE) ? p.at('text_model') : p;
  const [n, length] = inputs.inputIds.shape as [number, number];

  const positions = model.get('embeddings.position_embedding.weight', [
    config.max_position_embeddings,
    config.hidden_size,
  ]);
  const order = p.graph.constant(
    Int32Array.from({ length }, (_, i) => i),
    [length],
  );
  const embedded = add(embed(model, config, inputs), gatherRows(positions, order));
  const { last, penultimate } = clipLayers(model, config, embedded, causalBias(p, length));
  const lastHiddenState = model.layerNorm('final_layer_norm', last, config.layer_norm_eps);

  let pooled: Value | undefined;
  if (inputs.endPositions) {
    pooled = gatherRows(reshape(lastHiddenState, [n * length, config.hidden_size]), inputs.endPositions);
    if (p.has('text_projection.weight')) pooled = p.linear('text_projection', pooled, config.projection_dim);
  }
  return { lastHiddenState, penultimate, pooled };
}

/** The vocabulary's rows and, past its end, the new tokens' rows. */
function embed(model: Parameters, config: CLIPTextConfig, { inputIds, newTokens }: ClipTextInputs): Value {
  const { graph } = model;
  const table = model.get(TABLE, [config.vocab_size, config.hidden_size]);
  if (!newTokens) return gatherRows(table, inputIds);
  const [n, length] = inputIds.shape as [number, number];
  const zero = graph.scalar(0, 'int32');
  const known = less(inputIds, config.vocab_size);
  const old = gatherRows(table, where(known, inputIds, zero));
  const fresh = gatherRows(newTokens, where(known, zero, sub(inputIds, config.vocab_size)));
  const isKnown = reshape(known, [n, length, 1]);
  return where(isKnown, old, fresh);
}

/** 0 on and below the diagonal, a large negative number above: a token sees itself and what came before. */
function causalBias(p: Parameters, length: number): Value {
  const bias = Float32Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? -1e4 : 0,
  );
  return p.graph.constant(bias, [1, 1, length, length]);
}

/**
 * The flat position of each prompt's end token: the first `eos_token_id`; configs written before that id was right
 * (eos_token_id 2) take the largest id of the vocabulary, as transformers does. New tokens lie past the vocabulary and
 * never end a prompt.
 */
export function endPositions(ids: readonly (readonly number[])[], config: CLIPTextConfig): Int32Array {
  return Int32Array.from(ids, (row, n) => {
    const legacy = config.eos_token_id === 2;
    const eos = legacy ? Math.max(...row.filter((id) => id < config.vocab_size)) : config.eos_token_id;
    const end = Math.max(0, row.indexOf(eos));
    return n * row.length + end;
  });
}
