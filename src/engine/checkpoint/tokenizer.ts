import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';

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

/** CLIP's own pattern; contractions, letters, single digits, runs of anything else. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;
const END_OF_WORD = '</w>';

/** @throws UserError naming the file when vocabulary or merges are missing or malformed */
export function loadTokenizer(dir: string): Tokenizer {
  const vocabFile = join(dir, 'vocab.json');
  const mergesFile = join(dir, 'merges.txt');
  const vocabulary = new Map(Object.entries(readVocabulary(vocabFile)));
  const ranks = new Map<string, number>();
  for (const line of readText(mergesFile).split('\n')) {
    if (line === '' || line.startsWith('#version')) continue;
    if (line.split(' ').length !== 2)
      throw new UserError(`${mergesFile}: "${line}" is not a pair: download it again`);
    ranks.set(line, ranks.size);
  }
  const padding = padToken(dir);
  for (const token of [START, END, padding]) {
    if (!vocabulary.has(token))
      throw new UserError(`${vocabFile} has no token ${token}: it is not CLIP's vocabulary`);
  }
  return new ClipTokenizer(vocabulary, ranks, padding);
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';

class ClipTokenizer implements Tokenizer {
  readonly #cache = new Map<string, number[]>();
  readonly #byId = new Map<number, string>();
  /** Tokens that are found in a text before anything else: CLIP's two special ones, then the new ones. */
  readonly #whole = new Map<string, number>();

  constructor(
    private readonly vocabulary: Map<string, number>,
    private readonly ranks: ReadonlyMap<string, number>,
    private readonly padding: string,
  ) {
    for (const [token, id] of vocabulary) this.#byId.set(id, token);
    for (const token of [START, END]) this.#whole.set(token, vocabulary.get(token)!);
  }

  get length(): number {
    return this.vocabulary.size + this.#whole.size - 2;
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
    const id = (token: string): number => this.vocabulary.get(token)!;
    const framed = [id(START), ...ids.slice(0, maxLength - 2), id(END)];
    while (framed.length < maxLength) framed.push(id(this.padding));
    return framed;
  }

  encodeWords(text: string): number[] {
    const names = [...this.#whole.keys()].sort((a, b) => b.length - a.length);
    const pattern = new RegExp(`(${names.map((n) => n.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`);
    return text.split(pattern).flatMap((part) => {
      const id = this.#whole.get(part);
      return id === undefined ? this.#plain(part) : [id];
    });
  }

  addTokens(names: readonly string[]): number[] {
    return names.map((name) => {
      const known = this.#whole.get(name) ?? this.vocabulary.get(name);
      if (known !== undefined) throw new Error(`token ${name} is there already`);
      const id = this.length;
      this.#whole.set(name, id);
      this.#byId.set(id, name);
      return id;
    });
  }

  decode(ids: readonly number[]): string {
    const tokens = ids.map((id) => this.#byId.get(id) ?? '').filter((t) => t !== START && t !== END);
    const text = tokens.join('').replaceAll(END_OF_WORD, ' ');
    const bytes = [...text].flatMap((c) => (BYTES.has(c) ? [BYTES.get(c)!] : [...Buffer.from(c)]));
    return Buffer.from(bytes).toString('utf8').trim();
  }

  #plain(text: string): number[] {
    // Unicode's white space, not JavaScript's \s (which takes the byte order mark and leaves U+0085); and lower case
    // a character at a time, as the reference does: 'ΑΣ' has no final sigma
    const clean = [...text.normalize('NFC').replace(/\p{White_Space}+/gu, ' ')]
      .map((character) => character.toLowerCase())
      .join('');
    return [...clean.matchAll(WORDS)].flatMap(([word]) => this.#word(word));
  }

  #word(word: string): number[] {
    let ids = this.#cache.get(word);
    if (!ids) {
      const symbols = [...Buffer.from(word)].map((byte) => CHARACTERS[byte]!);
      symbols.push(symbols.pop()! + END_OF_WORD);
      ids = this.#merge(symbols).map((piece) => this.vocabulary.get(piece) ?? this.vocabulary.get(END)!);
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
        const r = this.ranks.get(pair);
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

function readVocabulary(file: string): Record<string, number> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} is not JSON: download it again`);
  }
  const fits =
    typeof parsed === 'object' &&
    parsed !== null &&
    Object.values(parsed).every((id) => Number.isSafeInteger(id) && (id as number) >= 0);
  if (!fits) throw new UserError(`${file} does not map tokens to ids: download it again`);
  return parsed as Record<string, number>;
}

function padToken(dir: string): string {
  for (const name of ['special_tokens_map.json', 'tokenizer_config.json']) {
    const file = join(dir, name);
    if (!existsSync(file)) continue;
    try {
      const { pad_token: pad } = JSON.parse(readText(file)) as { pad_token?: string | { content?: string } };
      const token = typeof pad === 'string' ? pad : pad?.content;
      if (token) return token;
    } catch {
      throw new UserError(`${file} is not JSON: download it again`);
    }
  }
  return END;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`${file} is missing: a checkpoint in diffusers layout has it`);
  }
}
