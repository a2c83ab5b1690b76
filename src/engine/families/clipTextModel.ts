import type { TextEncoder } from '../checkpoint/layout.js';
import { readTensor, type TensorInfo } from '../checkpoint/safetensors.js';
import type { Graph, Value } from '../graph/graph.js';
import { expandTo, reduceMean, reshape } from '../graph/ops/index.js';
import { endPositions, tokenTable } from '../models/clipText.js';
import { endPositionsName, inputIdsName, textCondition } from '../models/textCondition.js';
import type { Tensor } from '../runtime/session.js';
import type { Condition, Encoded, Moments, TextModel } from './family.js';

/** Names of the inputs, as diffusers calls the arguments. */
const HIDDEN = 'encoder_hidden_states';
const POOLED = 'text_embeds';

/** One CLIP text encoder (SD), or two whose hidden states are joined and of which the second is also pooled (SDXL). */
export class ClipTextModel implements TextModel {
  readonly widths: ReadonlyMap<string, number>;
  /** D, of the joined hidden states. */
  readonly #width: number;
  /** P, where there is a pooled output. */
  readonly #pooledWidth: number | undefined;
  /** Of the encoders that were asked for: SDXL's vocabularies are 400 MB to read. */
  readonly #moments = new Map<string, Moments>();

  constructor(private readonly encoders: readonly TextEncoder[]) {
    this.widths = new Map(encoders.map(({ name, config }) => [name, config.hidden_size]));
    this.#width = [...this.widths.values()].reduce((a, b) => a + b, 0);
    this.#pooledWidth = encoders.find((e) => e.name === 'text_encoder_2')?.config.projection_dim;
  }

  encode(graph: Graph, count: number, length: number, newTokens?: ReadonlyMap<string, Value>): Condition {
    const { hidden, pooled } = textCondition(graph, this.encoders, count, length, newTokens);
    return pooled ? { hidden, pooled } : { hidden };
  }

  tokenMoments(encoder: string): Moments {
    const known = this.#moments.get(encoder);
    if (known) return known;
    const { weights } = this.encoders.find((e) => e.name === encoder)!;
    const found = momentsOf(weights.get(tokenTable(weights)));
    this.#moments.set(encoder, found);
    return found;
  }

  feeds(ids: ReadonlyMap<string, readonly (readonly number[])[]>): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const { name, config } of this.encoders) {
      const rows = ids.get(name)!;
      feeds[inputIdsName(name)] = {
        shape: [rows.length, rows[0]!.length],
        data: Int32Array.from(rows.flat()),
      };
      if (name === 'text_encoder_2')
        feeds[endPositionsName(name)] = { shape: [rows.length], data: endPositions(rows, config) };
    }
    return feeds;
  }

  /** One pooled vector serves a whole picture: the mean over its items' prompts. */
  joined({ hidden, pooled }: Condition, batch: number): Condition {
    const [k, l] = hidden.shape as [number, number];
    const tokens = k * l;
    const rows = expandTo(reshape(hidden, [1, tokens, this.#width]), [batch, tokens, this.#width]);
    if (!pooled) return { hidden: rows };
    return { hidden: rows, pooled: expandTo(reduceMean(pooled, [0], true), [batch, this.#pooledWidth!]) };
  }

  inputs(graph: Graph, batch: number, tokens: number): Condition {
    const hidden = graph.input(HIDDEN, [batch, tokens, this.#width]);
    if (this.#pooledWidth === undefined) return { hidden };
    return { hidden, pooled: graph.input(POOLED, [batch, this.#pooledWidth]) };
  }

  joinedFeeds(rows: readonly (Encoded | undefined)[]): Record<string, Tensor> {
    const tokens = Math.max(...rows.map((row) => (row ? row.hidden.shape[0]! * row.hidden.shape[1]! : 0)));
    const hidden = new Float32Array(rows.length * tokens * this.#width);
    for (const [i, row] of rows.entries())
      if (row) hidden.set(row.hidden.data as Float32Array, i * tokens * this.#width);
    const feeds: Record<string, Tensor> = {
      [HIDDEN]: { shape: [rows.length, tokens, this.#width], data: hidden },
    };
    const pooledWidth = this.#pooledWidth;
    if (pooledWidth === undefined) return feeds;
    const pooled = new Float32Array(rows.length * pooledWidth);
    for (const [i, row] of rows.entries()) if (row) pooled.set(meanRow(row.pooled!), i * pooledWidth);
    return { ...feeds, [POOLED]: { shape: [rows.length, pooledWidth], data: pooled } };
  }
}

/** [K, P] -> P numbers. */
function meanRow({ shape, data }: Tensor): Float32Array {
  const [rows, width] = shape as [number, number];
  const mean = new Float32Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width]! += (data[i] as number) / rows;
  return mean;
}

/** Numbers that are read at once. */
const BLOCK = 2 ** 20;

/** Of all numbers of a tensor, a few at a time. */
function momentsOf(tensor: TensorInfo): Moments {
  const count = tensor.shape.reduce((a, b) => a * b, 1);
  const bytes = tensor.length / count;
  let [sum, squares] = [0, 0];
  for (let at = 0; at < count; at += BLOCK) {
    const block = Math.min(BLOCK, count - at);
    const slice = { ...tensor, offset: tensor.offset + at * bytes, length: block * bytes };
    for (const v of readTensor(slice)) {
      sum += v;
      squares += v * v;
    }
  }
  const mean = sum / count;
  return { mean, std: Math.sqrt(squares / count - mean * mean) };
}
