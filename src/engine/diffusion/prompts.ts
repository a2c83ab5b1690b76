import type { Embedding } from '../checkpoint/embeddings.js';
import type { TextEncoder } from '../checkpoint/layout.js';
import type { Encoded, TextModel } from '../families/family.js';
import type { Learned } from '../families/learned.js';
import { Graph, type GraphOptions, type Value } from '../graph/graph.js';
import type { Tensor } from '../runtime/session.js';
import type { SessionCache } from '../runtime/sessionCache.js';

/** The longest item prompt, in tokens, as in D-Edit's code; shorter where the text encoder ends before. */
const PROMPT_LENGTH = 40;
const PLACEHOLDER = /<item-(\d+)>/;

/** How a prompt names the learned tokens of an item (0-based). */
export const placeholder = (item: number): string => `<item-${item}>`;

/** The graph input that holds an encoder's rows of new tokens. */
export const newTokensInput = (encoder: string): string => `new_tokens:${encoder}`;

/** How prompts are cut: `count` windows of `length` tokens each, start and end included. */
interface Windows {
  readonly count: number;
  readonly length: number;
}

/** Words to what a denoiser listens to: tokenizers and text encoders of a checkpoint. */
export class Prompts {
  /** Tokens of a prompt that is not too long for it. */
  readonly length: number;
  /** The most tokens that the text encoders take at once. */
  readonly #window: number;

  constructor(
    private readonly encoders: readonly TextEncoder[],
    private readonly model: TextModel,
    private readonly sessions: SessionCache,
    private readonly embeddings: readonly Embedding[] = [],
  ) {
    this.#window = Math.min(...encoders.map((e) => e.config.max_position_embeddings));
    this.length = Math.min(PROMPT_LENGTH, this.#window);
  }

  /**
   * Encodes prompts; placeholders of learned items in them (see `placeholder`) become their new tokens, and names of
   * textual inversions theirs. Where one is
   * longer than `length`, all are cut into windows of what the text encoders take, each encoded alone, and joined
   * again, as A1111 and compel do: `hidden` is [prompts, windows x tokens, D].
   * @param tokens at least as many of each prompt: those of what it is to stand beside
   */
  async encode(prompts: readonly string[], learned?: Learned, tokens = 0): Promise<Encoded> {
    const fresh = learnedRows(learned) + this.embeddings.reduce((sum, e) => sum + rowsOf(e), 0);
    const windows = this.#windows(prompts, learned, tokens);
    const rows = prompts.length * windows.count;
    const session = await this.sessions.get(`text ${rows}x${windows.length} ${fresh}`, (options) =>
      this.graph(rows, fresh, options, windows.length),
    );
    const feeds = this.feeds(prompts, learned, windows);
    if (fresh > 0)
      for (const { name } of this.encoders) feeds[newTokensInput(name)] = this.#newTokens(name, learned);
    const encoded = Object.entries(await session.run(feeds));
    return Object.fromEntries(encoded.map(([name, t]) => [name, joined(t, windows)])) as Encoded;
  }

  /** The graph of `encode`: `count` windows of `length` tokens, `fresh` rows of new tokens. */
  graph(count: number, fresh: number, options: GraphOptions, length = this.length): Graph {
    const graph = new Graph(options);
    const rows = fresh > 0 ? newTokenInputs(graph, this.model, fresh) : undefined;
    const encoded = this.model.encode(graph, count, length, rows);
    for (const [name, value] of Object.entries(encoded)) graph.output(name, value);
    return graph;
  }

  /** The text encoders' integer inputs for prompts, window after window. */
  feeds(
    prompts: readonly string[],
    learned?: Learned,
    { count, length }: Windows = { count: 1, length: this.length },
  ): Record<string, Tensor> {
    const inner = length - ENDS;
    const ids = this.encoders.map((encoder) => {
      const rows = prompts.flatMap((prompt) => {
        const words = this.#tokensOf(encoder, prompt, learned);
        return Array.from({ length: count }, (_, i) =>
          encoder.tokenizer.frame(words.slice(i * inner, (i + 1) * inner), { maxLength: length }),
        );
      });
      return [encoder.name, rows] as const;
    });
    return this.model.feeds(new Map(ids));
  }

  #windows(prompts: readonly string[], learned: Learned | undefined, tokens: number): Windows {
    const counts = this.encoders.flatMap((e) => prompts.map((p) => this.#tokensOf(e, p, learned).length));
    const longest = Math.max(...counts);
    if (longest + ENDS <= this.length && tokens <= this.length) return { count: 1, length: this.length };
    const inner = this.#window - ENDS;
    const count = Math.max(Math.ceil(longest / inner), Math.ceil(tokens / this.#window));
    return { count, length: this.#window };
  }

  /** Rows of everything that has no place in an encoder's vocabulary: learned items first, then embeddings in order. */
  #newTokens(encoder: string, learned: Learned | undefined): Tensor {
    const parts = [
      learned?.newTokens.get(encoder),
      ...this.embeddings.map((e) => e.rows.get(encoder)),
    ].filter((part) => part !== undefined);
    const width = parts[0]!.shape[1]!;
    const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part.data as Float32Array, at);
      at += part.data.length;
    }
    return { shape: [data.length / width, width], data };
  }

  /** Ids of a prompt's words, without start and end. */
  #tokensOf({ tokenizer, config }: TextEncoder, prompt: string, learned?: Learned): number[] {
    const parts = prompt.split(PLACEHOLDER);
    if (parts.length > 1 && !learned)
      throw new Error(`the prompt '${prompt}' names a learned item, but nothing was learned`);
    const named = new Map<string, number[]>();
    let next = config.vocab_size + learnedRows(learned);
    for (const embedding of this.embeddings) {
      named.set(
        embedding.name.toLowerCase(),
        Array.from({ length: rowsOf(embedding) }, () => next++),
      );
    }
    // words around the placeholders are encoded apart, as added tokens split the text in transformers
    return parts.flatMap((part, i) => {
      if (i % 2 === 0)
        return wordsAndNames(part, [...named.keys()]).flatMap(
          (word) => named.get(word.toLowerCase()) ?? tokenizer.encodeWords(word),
        );
      const first = config.vocab_size + Number(part) * learned!.tokensPerItem;
      return Array.from({ length: learned!.tokensPerItem }, (_, k) => first + k);
    });
  }
}

const learnedRows = (learned: Learned | undefined): number =>
  learned ? learned.items * learned.tokensPerItem : 0;
const rowsOf = ({ rows }: Embedding): number => [...rows.values()][0]!.shape[0]!;

/** A text cut at these names, where they stand as words of their own; the names are among the parts. */
function wordsAndNames(text: string, names: readonly string[]): string[] {
  if (names.length === 0) return [text];
  const longestFirst = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return text.split(
    new RegExp(`(?<![\\p{L}\\p{N}_-])(${longestFirst.join('|')})(?![\\p{L}\\p{N}_-])`, 'giu'),
  );
}

/** A start and an end stand around the words of each window. */
const ENDS = 2;

/** Windows of one prompt lie one after another: tokens are joined, and of what is one a window the first stays. */
function joined({ shape, data }: Tensor, { count }: Windows): Tensor {
  if (count === 1) return { shape, data };
  const [rows, ...rest] = shape as [number, ...number[]];
  const prompts = rows / count;
  if (rest.length === 2) return { shape: [prompts, count * rest[0]!, rest[1]!], data };
  const width = rest[0]!;
  const first = Float32Array.from({ length: prompts * width }, (_, i) => {
    const prompt = Math.floor(i / width);
    return data[prompt * count * width + (i % width)] as number;
  });
  return { shape: [prompts, width], data: first };
}

/** Graph inputs for `count` rows of new tokens of each encoder. */
export const newTokenInputs = (graph: Graph, model: TextModel, count: number): Map<string, Value> =>
  new Map(
    [...model.widths].map(([name, width]) => [name, graph.input(newTokensInput(name), [count, width])]),
  );
