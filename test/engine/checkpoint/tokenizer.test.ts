import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/engine/checkpoint/tokenizer.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

/** Made by training/reference/tokenizer_fixture.py with transformers' CLIPTokenizer. */
const folder = join(FIXTURES, 'tokenizer');
const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as {
  text: string;
  ids: number[];
}[];

describe('the CLIP tokenizer', () => {
  const tokenizer = loadTokenizer(folder);

  it('agrees with transformers on a thousand odd strings', () => {
    expect(cases).toHaveLength(1000);
    for (const { text, ids } of cases) {
      expect(tokenizer.encode(text, { maxLength: 32 }).ids, JSON.stringify(text)).toEqual(ids);
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
    ['vocab.json', '{"a": "b"}', 'vocab.json does not map tokens to ids'],
    ['vocab.json', '{', 'vocab.json is not JSON'],
    ['vocab.json', '{"a": 1}', 'vocab.json has no token <|startoftext|>'],
    ['merges.txt', '#version: 0.2\na b c\n', 'merges.txt: "a b c" is not a pair'],
  ])('refuses a broken %s in one line', (file, content, message) => {
    const dir = temporaryFolder();
    mkdirSync(dir, { recursive: true });
    for (const name of ['vocab.json', 'merges.txt']) {
      writeFileSync(join(dir, name), name === file ? content : readFileSync(join(folder, name)));
    }
    expect(() => loadTokenizer(dir)).toThrow(message);
  });
});
