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

/** Words to what a denoiser listens to: tokenizers and text encoders of a checkpoint. */
export class Prompts {
  /** Tokens of a prompt. */
  readonly length: number;

  constructor(
    private readonly encoders: readonly TextEncoder[],
    private readonly model: TextModel,
    private readonly sessions: SessionCache,
  ) {
    this.length = Math.min(PROMPT_LENGTH, ...encoders.map((e) => e.config.max_position_embeddings));
  }

  /** Encodes prompts; placeholders of learned items in them (see `placeholder`) become their new tokens. */
  async encode(prompts: readonly string[], learned?: Learned): Promise<Encoded> {
    const fresh = learned ? learned.items * learned.tokensPerItem : 0;
    const session = await this.sessions.get(`text ${prompts.length} ${fresh}`, (options) =>
      this.graph(prompts.length, fresh, options),
    );
    const feeds = this.feeds(prompts, learned);
    for (const [name, rows] of learned?.newTokens ?? []) feeds[newTokensInput(name)] = rows;
    return (await session.run(feeds)) as Encoded;
  }

  /** The graph of `encode`: `count` prompts, `fresh` rows of new tokens. */
  graph(count: number, fresh: number, options: GraphOptions): Graph {
    const graph = new Graph(options);
    const rows = fresh > 0 ? newTokenInputs(graph, this.model, fresh) : undefined;
    const encoded = this.model.encode(graph, count, this.length, rows);
    for (const [name, value] of Object.entries(encoded)) graph.output(name, value);
    return graph;
  }

  /** The text encoders' integer inputs for prompts. */
  feeds(prompts: readonly string[], learned?: Learned): Record<string, Tensor> {
    const ids = this.encoders.map(
      (encoder) => [encoder.name, prompts.map((p) => this.#tokenize(encoder, p, learned))] as const,
    );
    return this.model.feeds(new Map(ids));
  }

  #tokenize({ tokenizer, config }: TextEncoder, prompt: string, learned?: Learned): number[] {
    const parts = prompt.split(PLACEHOLDER);
    const options = { maxLength: this.length };
    if (parts.length === 1) return [...tokenizer.encode(prompt, options).ids];
    if (!learned) throw new Error(`the prompt '${prompt}' names a learned item, but nothing was learned`);
    // words around the placeholders are encoded apart, as added tokens split the text in transformers
    const inner = parts.flatMap((part, i) => {
      if (i % 2 === 0) return tokenizer.encodeWords(part);
      const first = config.vocab_size + Number(part) * learned.tokensPerItem;
      return Array.from({ length: learned.tokensPerItem }, (_, k) => first + k);
    });
    return tokenizer.frame(inner, options);
  }
}

/** Graph inputs for `count` rows of new tokens of each encoder. */
export const newTokenInputs = (graph: Graph, model: TextModel, count: number): Map<string, Value> =>
  new Map(
    [...model.widths].map(([name, width]) => [name, graph.input(newTokensInput(name), [count, width])]),
  );
