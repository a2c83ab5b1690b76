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
  ) {
    this.#window = Math.min(...encoders.map((e) => e.config.max_position_embeddings));
    this.length = Math.min(PROMPT_LENGTH, this.#window);
  }

  /**
   * Encodes prompts; placeholders of learned items in them (see `placeholder`) become their new tokens. Where one is
   * longer than `length`, all are cut into windows of what the text encoders take, each encoded alone, and joined
   * again, as A1111 and compel do: `hidden` is [prompts, windows x tokens, D].
   * @param tokens at least as many of each prompt: those of what it is to stand beside
   */
  async encode(prompts: readonly string[], learned?: Learned, tokens = 0): Promise<Encoded> {
    const fresh = learned ? learned.items * learned.tokensPerItem : 0;
    const windows = this.#windows(prompts, learned, tokens);
    const rows = prompts.length * windows.count;
    const session = await this.sessions.get(`text ${rows}x${windows.length} ${fresh}`, (options) =>
      this.graph(rows, fresh, options, windows.length),
    );
    const feeds = this.feeds(prompts, learned, windows);
    for (const [name, values] of learned?.newTokens ?? []) feeds[newTokensInput(name)] = values;
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
        const words = tokensOf(encoder, prompt, learned);
        return Array.from({ length: count }, (_, i) =>
          encoder.tokenizer.frame(words.slice(i * inner, (i + 1) * inner), { maxLength: length }),
        );
      });
      return [encoder.name, rows] as const;
    });
    return this.model.feeds(new Map(ids));
  }

  #windows(prompts: readonly string[], learned: Learned | undefined, tokens: number): Windows {
    const counts = this.encoders.flatMap((e) => prompts.map((p) => tokensOf(e, p, learned).length));
    const longest = Math.max(...counts);
    if (longest + ENDS <= this.length && tokens <= this.length) return { count: 1, length: this.length };
    const inner = this.#window - ENDS;
    const count = Math.max(Math.ceil(longest / inner), Math.ceil(tokens / this.#window));
    return { count, length: this.#window };
  }
}

/** A start and an end stand around the words of each window. */
const ENDS = 2;

/** Ids of a prompt's words, without start and end. */
function tokensOf({ tokenizer, config }: TextEncoder, prompt: string, learned?: Learned): number[] {
  const parts = prompt.split(PLACEHOLDER);
  if (parts.length > 1 && !learned)
    throw new Error(`the prompt '${prompt}' names a learned item, but nothing was learned`);
  // words around the placeholders are encoded apart, as added tokens split the text in transformers
  return parts.flatMap((part, i) => {
    if (i % 2 === 0) return tokenizer.encodeWords(part);
    const first = config.vocab_size + Number(part) * learned!.tokensPerItem;
    return Array.from({ length: learned!.tokensPerItem }, (_, k) => first + k);
  });
}

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
