import { type AddedToken, readTokenizerFiles, type TokenizerFiles } from './tokenizerFiles.js';

/**
 * CLIP's byte-pair tokenizer (Radford et al. 2021, simple_tokenizer.py; transformers' CLIPTokenizer): NFC, white
 * space collapsed, lower case, split by CLIP's pattern, bytes as printable characters, merges by rank, `</w>` at the
 * end of a word.
 */
export interface Tokenizer {
  readonly length: number;
  /** Ids with start and end tokens, cut and padded to `maxLength`. */
  encode(text: string, options: { maxLength: number }): { ids: number[]; attentionMask: number[] };
  /** Ids of the words alone. */
  encodeWords(text: string): number[];
  /** Start and end tokens around `ids`, cut and padded to `maxLength`. */
  frame(ids: readonly number[], options: { maxLength: number }): number[];
  /** New tokens; texts that hold their names are split there first. Returns their ids. */
  addTokens(names: readonly string[]): number[];
  decode(ids: readonly number[]): string;
}

/**
 * CLIP's own pattern: contractions, letters, single digits, runs of anything else. transformers applies it with the two
 * special names as alternatives, then splits what it found by GPT-2's pattern, which takes those names apart again: they
 * only keep what stands beside them from joining.
 */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;
const CHUNKS = new RegExp(`<\\|startoftext\\|>|<\\|endoftext\\|>|${WORDS.source}`, 'gu');
const END_OF_WORD = '</w>';

/** @throws HostError naming the file when vocabulary, merges or special tokens are missing or malformed */
export const loadTokenizer = (dir: string, padding?: string): Tokenizer =>
  new ClipTokenizer(readTokenizerFiles(dir, padding));

class ClipTokenizer implements Tokenizer {
  readonly #cache = new Map<string, number[]>();
  readonly #byId = new Map<number, string>();
  /** Found in the text as written; CLIP's special tokens and the padding ("!" in SD 2 and in SDXL's second tokenizer). */
  readonly #written = new WholeTokens();
  /** Found in the normalised text, as transformers does for tokens of add_tokens. */
  readonly #normalized = new WholeTokens();
  readonly #vocabulary: ReadonlyMap<string, number>;
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #start: number;
  readonly #end: number;
  readonly #unknown: number;
  readonly #padding: number;
  #length = 0;

  constructor({ vocabulary, ranks, added, bos, eos, unk, pad }: TokenizerFiles) {
    this.#vocabulary = vocabulary;
    this.#ranks = ranks;
    for (const [token, id] of vocabulary) this.#name(token, id);
    for (const token of added) this.#add(token);
    const id = (content: string): number => added.find((t) => t.content === content)!.id;
    [this.#start, this.#end, this.#unknown, this.#padding] = [id(bos), id(eos), id(unk), id(pad)];
  }

  get length(): number {
    return this.#length;
  }

  encode(text: string, options: { maxLength: number }): { ids: number[]; attentionMask: number[] } {
    const inner = this.encodeWords(text);
    const used = Math.min(inner.length + 2, options.maxLength);
    return {
      ids: this.frame(inner, options),
      attentionMask: Array.from({ length: options.maxLength }, (_, i) => Number(i < used)),
    };
  }

  frame(ids: readonly number[], { maxLength }: { maxLength: number }): number[] {
    const framed = [this.#start, ...ids.slice(0, maxLength - 2), this.#end];
    while (framed.length < maxLength) framed.push(this.#padding);
    return framed;
  }

  encodeWords(text: string): number[] {
    return this.#written.split(text, (written) =>
      this.#normalized.split(normalize(written), (plain) =>
        [...plain.matchAll(CHUNKS)].flatMap(([chunk]) =>
          [...chunk.matchAll(WORDS)].flatMap(([word]) => this.#word(word)),
        ),
      ),
    );
  }

  addTokens(names: readonly string[]): number[] {
    return names.map((content) => {
      const known = this.#written.has(content) || this.#normalized.has(normalize(content));
      if (known || this.#vocabulary.has(content)) throw new Error(`token ${content} is there already`);
      const id = this.#length;
      this.#add({ content, id, normalized: true });
      return id;
    });
  }

  decode(ids: readonly number[]): string {
    const framing = new Set([this.#start, this.#end]);
    const tokens = ids.map((id) => (framing.has(id) ? '' : (this.#byId.get(id) ?? '')));
    const text = tokens.join('').replaceAll(END_OF_WORD, ' ');
    const bytes = [...text].flatMap((c) => (BYTES.has(c) ? [BYTES.get(c)!] : [...Buffer.from(c)]));
    return Buffer.from(bytes).toString('utf8').trim();
  }

  #add({ content, id, normalized }: AddedToken): void {
    if (normalized) this.#normalized.add(normalize(content), id);
    else this.#written.add(content, id);
    this.#name(content, id);
  }

  #name(content: string, id: number): void {
    this.#byId.set(id, content);
    this.#length = Math.max(this.#length, id + 1);
  }

  #word(word: string): number[] {
    let ids = this.#cache.get(word);
    if (!ids) {
      const symbols = [...Buffer.from(word)].map((byte) => CHARACTERS[byte]!);
      symbols.push(symbols.pop()! + END_OF_WORD);
      ids = this.#merge(symbols).map((piece) => this.#vocabulary.get(piece) ?? this.#unknown);
      // prompts come from strangers: the cache must not grow for ever
      if (this.#cache.size > 10_000) this.#cache.clear();
      this.#cache.set(word, ids);
    }
    return ids;
  }

  /** Joins the pair of lowest rank, everywhere, until no pair has one. */
  #merge(symbols: string[]): string[] {
    let pieces = symbols;
    for (;;) {
      let best: string | undefined;
      let rank = Number.POSITIVE_INFINITY;
      for (let i = 0; i + 1 < pieces.length; i++) {
        const pair = `${pieces[i]} ${pieces[i + 1]}`;
        const r = this.#ranks.get(pair);
        if (r !== undefined && r < rank) [best, rank] = [pair, r];
      }
      if (best === undefined) return pieces;
      const joined: string[] = [];
      for (let i = 0; i < pieces.length; i++) {
        if (`${pieces[i]} ${pieces[i + 1]}` === best) {
          joined.push(pieces[i]! + pieces[i + 1]!);
          i++;
        } else joined.push(pieces[i]!);
      }
      pieces = joined;
    }
  }
}

/** GPT-2's map of bytes to printable characters: printable ones stand for themselves. */
const CHARACTERS: readonly string[] = (() => {
  let next = 256;
  const shown = (b: number): boolean => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(shown(b) ? b : next++));
})();
const BYTES = new Map(CHARACTERS.map((c, byte) => [c, byte]));

/** Tokens that are found in a text as wholes, the longest first. */
class WholeTokens {
  readonly #ids = new Map<string, number>();
  #pattern: RegExp | undefined;

  has(content: string): boolean {
    return this.#ids.has(content);
  }

  add(content: string, id: number): void {
    this.#ids.set(content, id);
    const longestFirst = [...this.#ids.keys()].sort((a, b) => b.length - a.length);
    this.#pattern = new RegExp(
      `(${longestFirst.map((c) => c.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`,
    );
  }

  /** The ids of `text`: found tokens' own, and `between` for what lies between them. */
  split(text: string, between: (text: string) => number[]): number[] {
    if (!this.#pattern) return between(text);
    // split puts what its group matched at the odd places
    return text
      .split(this.#pattern)
      .flatMap((part, i) => (i % 2 === 1 ? [this.#ids.get(part)!] : between(part)));
  }
}

/**
 * NFC, white space collapsed, lower case. Unicode's white space, not JavaScript's \s (which takes the byte order mark and
 * leaves U+0085); and lower case a character at a time, as the reference does: 'ΑΣ' has no final sigma.
 */
function normalize(text: string): string {
  const spaced = text.normalize('NFC').replace(/\p{White_Space}+/gu, ' ');
  return [...spaced].map((character) => character.toLowerCase()).join('');
}
