import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../errors.js';

/** A token found in a text before any merging. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Looked for in the normalised text (so in any case), not in the text as written. */
  readonly normalized: boolean;
}

/** What a tokenizer's folder says, whichever files say it. */
export interface TokenizerFiles {
  readonly vocabulary: Map<string, number>;
  /** "left right" -> rank */
  readonly ranks: Map<string, number>;
  readonly added: readonly AddedToken[];
  readonly bos: string;
  readonly eos: string;
  readonly unk: string;
  readonly pad: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads vocab.json and merges.txt, or tokenizer.json where only that is there (all that transformers >= 5 saves),
 * with special tokens from tokenizer_config.json, special_tokens_map.json and added_tokens.json. CLIP's own vocabulary
 * may be left out: its merges say it all.
 * @param padding the token to pad with, where no file says it
 * @throws HostError naming the file that is missing or malformed
 */
export function readTokenizerFiles(dir: string, padding?: string): TokenizerFiles {
  const whole = join(dir, 'tokenizer.json');
  const split = existsSync(join(dir, 'vocab.json')) || !existsSync(whole);
  const file = split ? join(dir, 'vocab.json') : whole;
  const { vocabulary, ranks, listed } = split ? readSplit(dir) : readWhole(whole);

  const config = optional(join(dir, 'tokenizer_config.json'));
  const decoder = isObject(config.added_tokens_decoder) ? config.added_tokens_decoder : undefined;
  // transformers 5 (tokenization_utils_base.py): the two older files count only without added_tokens_decoder
  const map = decoder ? {} : optional(join(dir, 'special_tokens_map.json'));
  const special = (name: string, fallback: string): Named =>
    named(map[name] ?? config[name]) ?? { content: fallback, normalized: false };
  const bos = special('bos_token', '<|startoftext|>');
  const eos = special('eos_token', '<|endoftext|>');
  const unk = special('unk_token', '<|endoftext|>');
  const pad = special('pad_token', padding ?? '<|endoftext|>');

  const added = new Map<string, AddedToken>();
  const add = (token: Named | undefined, id: unknown): void => {
    if (token && Number.isSafeInteger(id)) added.set(token.content, { ...token, id: id as number });
  };
  for (const entry of listed) add(named(entry), isObject(entry) ? entry.id : undefined);
  for (const [id, entry] of Object.entries(decoder ?? {})) add(named(entry), Number(id));
  for (const token of withoutRepeats([bos, eos, unk, pad].filter((t) => !added.has(t.content)))) {
    add(token, vocabulary.get(token.content));
  }
  const older = decoder ? {} : optional(join(dir, 'added_tokens.json'));
  for (const [content, id] of Object.entries(older)) {
    if (!added.has(content)) add({ content, normalized: true }, id);
  }

  for (const { content } of [bos, eos, unk, pad]) {
    if (!added.has(content))
      throw new HostError(`${file} has no token ${content}: it is not CLIP's vocabulary`);
  }
  requireJoined(split ? join(dir, 'merges.txt') : whole, vocabulary, ranks);
  return {
    vocabulary,
    ranks,
    added: [...added.values()],
    bos: bos.content,
    eos: eos.content,
    unk: unk.content,
    pad: pad.content,
  };
}

interface Parts {
  readonly vocabulary: Map<string, number>;
  readonly ranks: Map<string, number>;
  readonly listed: readonly unknown[];
}

function readSplit(dir: string): Parts {
  const vocabFile = join(dir, 'vocab.json');
  const mergesFile = join(dir, 'merges.txt');
  const read = (): string[] =>
    readText(mergesFile)
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#version'));
  if (!existsSync(vocabFile) && existsSync(mergesFile)) {
    const pairs = read();
    if (pairs.length === CLIP_MERGES)
      return { vocabulary: clipVocabulary(pairs), ranks: toRanks(mergesFile, pairs), listed: [] };
  }
  const vocabulary = toVocabulary(vocabFile, parse(vocabFile));
  return { vocabulary, ranks: toRanks(mergesFile, read()), listed: [] };
}

/** As many merges as CLIP's own tokenizer has. */
const CLIP_MERGES = 48_894;

/** CLIP numbers its tokens by their origin: bytes, bytes that end a word, merges, its two own (simple_tokenizer.py). */
function clipVocabulary(pairs: readonly string[]): Map<string, number> {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const shown = bytes.filter(printable).map((byte) => String.fromCodePoint(byte));
  const hidden = bytes.filter((byte) => !printable(byte)).map((_, i) => String.fromCodePoint(256 + i));
  const single = [...shown, ...hidden];
  const all = [
    ...single,
    ...single.map((byte) => `${byte}</w>`),
    ...pairs.map((pair) => pair.replace(' ', '')),
    ...['<|startoftext|>', '<|endoftext|>'],
  ];
  return new Map(all.map((token, id) => [token, id]));
}

/** tokenizer.json (https://huggingface.co/docs/tokenizers): merges are "a b" or, since tokenizers 0.20, ["a", "b"]. */
function readWhole(file: string): Parts {
  const { model, added_tokens: listed } = parse(file) as { model?: unknown; added_tokens?: unknown };
  if (!isObject(model) || (model.type ?? 'BPE') !== 'BPE' || !Array.isArray(model.merges)) {
    throw new HostError(`${file} holds no byte-pair model with merges: it is not CLIP's tokenizer`);
  }
  const pairs = model.merges.map((pair: unknown) => (Array.isArray(pair) ? pair.join(' ') : String(pair)));
  return {
    vocabulary: toVocabulary(file, model.vocab),
    ranks: toRanks(file, pairs),
    listed: Array.isArray(listed) ? listed : [],
  };
}

function toVocabulary(file: string, parsed: unknown): Map<string, number> {
  const isId = (id: unknown): boolean => Number.isSafeInteger(id) && (id as number) >= 0;
  if (!isObject(parsed) || !Object.values(parsed).every(isId)) {
    throw new HostError(`${file} does not map tokens to ids: download it again`);
  }
  return new Map(Object.entries(parsed as Record<string, number>));
}

function toRanks(file: string, pairs: readonly string[]): Map<string, number> {
  for (const pair of pairs) {
    const sides = pair.split(' ');
    if (sides.length !== 2 || sides.includes('')) {
      throw new HostError(`${file}: ${JSON.stringify(pair)} is not a pair: download it again`);
    }
  }
  return new Map(pairs.map((pair, rank) => [pair, rank]));
}

/** A merge whose result has no id comes from another vocabulary; the words it makes would silently be unknown. */
function requireJoined(
  file: string,
  vocabulary: ReadonlyMap<string, number>,
  ranks: ReadonlyMap<string, number>,
): void {
  for (const pair of ranks.keys()) {
    if (!vocabulary.has(pair.replace(' ', ''))) {
      throw new HostError(
        `${file}: the merge "${pair}" makes a token that the vocabulary lacks: they do not belong together`,
      );
    }
  }
}

type Named = Pick<AddedToken, 'content' | 'normalized'>;

/** A token as these files write it: a string (not normalised), or an object with its flags. */
function named(entry: unknown): Named | undefined {
  if (typeof entry === 'string') return { content: entry, normalized: false };
  if (!isObject(entry) || typeof entry.content !== 'string') return undefined;
  return { content: entry.content, normalized: entry.normalized === true };
}

/**
 * One token may be named for several purposes with different flags, as in SD 1.5: every form counts where it first stands,
 * and a later form replaces an earlier one (transformers 5, TokenizersBackend.__init__: tokens_to_add).
 */
const withoutRepeats = (tokens: readonly Named[]): Named[] => [
  ...new Map(tokens.map((t) => [`${t.normalized} ${t.content}`, t])).values(),
];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function optional(file: string): Json {
  if (!existsSync(file)) return {};
  const parsed = parse(file);
  if (!isObject(parsed)) throw new HostError(`${file} is not an object: download it again`);
  return parsed;
}

function parse(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw new HostError(`${file} is not JSON: download it again`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new HostError(`${file} is missing: a checkpoint in diffusers layout has it`);
  }
}
