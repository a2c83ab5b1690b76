import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

const FILE = join(FIXTURES, 'embeddings', 'my-toy.safetensors');
const open = (checkpoint: string, embeddings: string[]) =>
  openCheckpoint(join(FIXTURES, checkpoint), { cacheDir: temporaryFolder(), embeddings });

/** The PyTorch side is training/reference/embedding_fixture.py. */
it("a textual inversion's name stands for its rows, as in diffusers", async () => {
  const { 'out.hidden': expected } = readFixture('embeddings/io.safetensors');
  const { prompts } = new Pipeline(open('tiny-sd', [FILE]));
  const named = await prompts.encode(['a big my-toy on green grass', 'My-Toy', 'a dog']);
  expect(named.hidden.shape).toEqual(expected!.shape);
  expect(relativeError(named.hidden.data as Float32Array, expected!.data)).toBeLessThan(1e-5);
  // not inside other words
  const [a, b] = [
    await prompts.encode(['my-toyshop']),
    await new Pipeline(open('tiny-sd', [])).prompts.encode(['my-toyshop']),
  ];
  expect(a.hidden.data).toEqual(b.hidden.data);
});

it('stands beside learned items', async () => {
  const { prompts } = new Pipeline(open('tiny-sd', [FILE]));
  const rows = { shape: [4, 16], data: Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)) };
  const learned = {
    ...{ items: 2, tokensPerItem: 2, weights: new Map(), loraScale: 1 },
    newTokens: new Map([['text_encoder', rows]]),
  };
  const plain = new Pipeline(open('tiny-sd', [])).prompts;
  const [a, b] = [
    await prompts.encode(['<item-1> red'], learned),
    await plain.encode(['<item-1> red'], learned),
  ];
  expect(relativeError(a.hidden.data as Float32Array, b.hidden.data as Float32Array)).toBeLessThan(1e-6);
  const both = await prompts.encode(['<item-1> my-toy'], learned);
  expect(relativeError(both.hidden.data as Float32Array, a.hidden.data as Float32Array)).toBeGreaterThan(
    1e-2,
  );
});

it('one of another kind of checkpoint is refused in words', () => {
  expect(() => open('tiny-sdxl', [FILE])).toThrow(
    /my-toy.safetensors holds emb_params \[3,16\], and this checkpoint needs clip_l \[tokens, \d+\]/,
  );
  const wide = join(temporaryFolder(), 'wide.safetensors');
  writeSafetensors(wide, { '<wide>': { shape: [1, 7], data: new Float32Array(7) } });
  expect(() => open('tiny-sd', [wide])).toThrow(
    'holds <wide> [1,7], and this checkpoint needs one tensor [tokens, 16]',
  );
  expect(() => open('tiny-sd', ['toy.pt'])).toThrow('convert the embedding first');
});
