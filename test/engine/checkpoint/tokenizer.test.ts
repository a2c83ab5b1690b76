import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/engine/checkpoint/tokenizer.js';
import { HostError } from '../../../src/engine/errors.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

/**
 * Made by training/reference/tokenizer_fixture.py with transformers' CLIPTokenizer; TOKENIZER_FIXTURE names another
 * folder that it made, as with CLIP's own vocabulary, which is too large for the repository.
 */
const folder = process.env.TOKENIZER_FIXTURE ?? join(FIXTURES, 'tokenizer');
const OWN_FILES = ['vocab.json', 'merges.txt', 'special_tokens_map.json', 'tokenizer_config.json'];
const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as {
  text: string;
  ids: number[];
}[];

interface Variant {
  /** What stands in the folder in the place of its own files; null: nothing. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly added: readonly string[];
  readonly cases: typeof cases;
}
const variants = JSON.parse(readFileSync(join(folder, 'variants.json'), 'utf8')) as Record<string, Variant>;

/** A copy of the fixture's tokenizer with other files. */
function withFiles(files: Variant['files']): string {
  const dir = temporaryFolder();
  for (const name of new Set([...OWN_FILES, ...Object.keys(files)])) {
    const text = files[name];
    if (text !== null) writeFileSync(join(dir, name), text ?? readFileSync(join(folder, name)));
  }
  return dir;
}

describe('the CLIP tokenizer', () => {
  const tokenizer = loadTokenizer(folder);

  it('agrees with transformers on a thousand odd strings', () => {
    expect(cases).toHaveLength(1000);
    for (const { text, ids } of cases) {
      expect(tokenizer.encode(text, { maxLength: 32 }).ids, JSON.stringify(text)).toEqual(ids);
    }
  });

  it.each(Object.entries(variants))('agrees with transformers: %s', (_, { files, added, cases }) => {
    const other = loadTokenizer(withFiles(files));
    other.addTokens(added);
    for (const { text, ids } of cases) {
      expect(other.encode(text, { maxLength: 32 }).ids, JSON.stringify(text)).toEqual(ids);
    }
  });

  it('marks what is not padding', () => {
    expect(tokenizer.encode('a dog', { maxLength: 6 }).attentionMask).toEqual([1, 1, 1, 1, 0, 0]);
  });

  it('finds new tokens in a text before anything else', () => {
    const fresh = loadTokenizer(folder);
    const [first, second] = fresh.addTokens(['<item-1>', '<item-1-b>']);
    expect(first).toBe(tokenizer.length);
    expect(fresh.encodeWords('a <item-1-b> on<item-1>')).toEqual([
      ...tokenizer.encodeWords('a'),
      second,
      ...tokenizer.encodeWords('on'),
      first,
    ]);
  });

  it('decodes what it encoded', () => {
    expect(tokenizer.decode(tokenizer.encodeWords('a golden retriever 🐶'))).toBe('a golden retriever 🐶');
  });

  it.each([
    ['vocab.json', '{"a": "b"}', 'vocab.json does not map tokens to ids: download it again'],
    ['vocab.json', '["a"]', 'vocab.json does not map tokens to ids: download it again'],
    ['vocab.json', '{', 'vocab.json is not JSON: download it again'],
    ['vocab.json', '{"a": 1}', "vocab.json has no token <|startoftext|>: it is not CLIP's vocabulary"],
    ['merges.txt', '#version: 0.2\na b c\n', 'merges.txt: "a b c" is not a pair: download it again'],
    ['merges.txt', '#version: 0.2\na \n', 'merges.txt: "a " is not a pair: download it again'],
    [
      'merges.txt',
      'q zz\n',
      'merges.txt: the merge "q zz" makes a token that the vocabulary lacks: they do not belong together',
    ],
    ['merges.txt', null, 'merges.txt is missing: a checkpoint in diffusers layout has it'],
    ['special_tokens_map.json', '{', 'special_tokens_map.json is not JSON: download it again'],
    ['tokenizer_config.json', '7', 'tokenizer_config.json is not an object: download it again'],
    [
      'special_tokens_map.json',
      '{"pad_token": "<pad>"}',
      "vocab.json has no token <pad>: it is not CLIP's vocabulary",
    ],
  ])('refuses %s holding %s', (file, content, message) => {
    const dir = withFiles({ [file]: content });
    expect(() => loadTokenizer(dir)).toThrow(new HostError(`${dir}/${message}`));
  });

  it('refuses a tokenizer.json of another kind', () => {
    const none = { 'vocab.json': null, 'merges.txt': null };
    const dir = withFiles({ ...none, 'tokenizer.json': '{"model": {"type": "Unigram"}}' });
    const message = "tokenizer.json holds no byte-pair model with merges: it is not CLIP's tokenizer";
    expect(() => loadTokenizer(dir)).toThrow(new HostError(`${dir}/${message}`));
    const empty = withFiles(none);
    expect(() => loadTokenizer(empty)).toThrow(
      new HostError(`${empty}/vocab.json is missing: a checkpoint in diffusers layout has it`),
    );
  });

  it('reads merges with Windows line ends', () => {
    const merges = readFileSync(join(folder, 'merges.txt'), 'utf8').replaceAll('\n', '\r\n');
    expect(loadTokenizer(withFiles({ 'merges.txt': merges })).encodeWords('a golden retriever')).toEqual(
      tokenizer.encodeWords('a golden retriever'),
    );
  });
});
