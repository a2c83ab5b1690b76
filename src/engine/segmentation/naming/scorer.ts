import type { ClipPart } from '../../checkpoint/scorer.js';
import { Graph, type GraphOptions } from '../../graph/graph.js';
import { clipText, endPositions } from '../../models/clipText.js';
import { clipVisionGraph } from '../../models/clipVision.js';
import { Parameters } from '../../models/parameters.js';
import type { Mask, Raster } from '../../raster.js';
import type { SessionCache } from '../../runtime/sessionCache.js';
import { cropOf } from './crop.js';

/** Compares cut-out items with words: a contrastive CLIP (Radford et al. 2021), that of a checkpoint or another. */
export class Scorer {
  readonly #words = new Map<string, Promise<Float32Array>>();

  constructor(
    private readonly part: ClipPart,
    private readonly sessions: SessionCache,
  ) {}

  /** How likely each prompt is what the item is: they add up to 1. */
  async likelihoods(picture: Raster, mask: Mask, prompts: readonly string[]): Promise<number[]> {
    const { vision, processor, weights } = this.part;
    const pixels = await cropOf(picture, mask, vision.image_size, processor);
    const seen = await this.embedPicture(pixels);
    const words = await this.embedWords(prompts);
    const scale = Math.exp(weights.read('logit_scale')[0]!);
    return softmax(words.map((word) => scale * dot(word, seen)));
  }

  /** @param pixels normalised, [3, side, side] @returns of length one, [projection_dim] */
  async embedPicture(pixels: Float32Array): Promise<Float32Array> {
    const { vision, weights } = this.part;
    const side = vision.image_size;
    const session = await this.sessions.get('scorer picture', (options) =>
      clipVisionGraph(weights, vision, options),
    );
    const { embeds } = await session.run({ pixels: { shape: [1, 3, side, side], data: pixels } }, ['embeds']);
    return unit(embeds.data);
  }

  /** One embedding a prompt, of length one, [projection_dim]. */
  async embedWords(prompts: readonly string[]): Promise<Float32Array[]> {
    const fresh = prompts.filter((prompt) => !this.#words.has(prompt));
    if (fresh.length > 0) {
      const embedded = this.#embedAll(fresh);
      // what fails once, for want of memory, is tried again
      embedded.catch(() => fresh.forEach((prompt) => this.#words.delete(prompt)));
      fresh.forEach((prompt, i) =>
        this.#words.set(
          prompt,
          embedded.then((all) => all[i]!),
        ),
      );
    }
    return await Promise.all(prompts.map((prompt) => this.#words.get(prompt)!));
  }

  async #embedAll(prompts: readonly string[]): Promise<Float32Array[]> {
    const { text, tokenizer } = this.part;
    const words = prompts.map((prompt) => tokenizer.encodeWords(prompt));
    const length = Math.min(text.max_position_embeddings, Math.max(...words.map((ids) => ids.length)) + ENDS);
    const ids = words.map((row) => tokenizer.frame(row, { maxLength: length }));
    const [n, width] = [prompts.length, text.projection_dim];
    const session = await this.sessions.get(`scorer words ${n}x${length}`, (options) =>
      this.#wordsGraph(n, length, options),
    );
    const { embeds } = await session.run(
      {
        input_ids: { shape: [n, length], data: Int32Array.from(ids.flat()) },
        end_positions: { shape: [n], data: endPositions(ids, text) },
      },
      ['embeds'],
    );
    return prompts.map((_, i) => unit(embeds.data.subarray(i * width, (i + 1) * width)));
  }

  #wordsGraph(count: number, length: number, options: GraphOptions): Graph {
    const { text, weights } = this.part;
    const graph = new Graph(options);
    const { pooled } = clipText(new Parameters(graph, weights), text, {
      inputIds: graph.input('input_ids', [count, length], 'int32'),
      endPositions: graph.input('end_positions', [count], 'int32'),
    });
    graph.output('embeds', pooled!);
    return graph;
  }
}

/** A start and an end stand around the words. */
const ENDS = 2;

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

function unit(v: Float32Array): Float32Array {
  const length = Math.sqrt(dot(v, v));
  return v.map((x) => x / length);
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const exps = logits.map((x) => Math.exp(x - most));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((x) => x / sum);
}
