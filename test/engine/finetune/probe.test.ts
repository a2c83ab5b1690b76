import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Editor, exactly } from '../../../src/engine/editor.js';
import type { Learned } from '../../../src/engine/families/learned.js';
import type { AssociationState } from '../../../src/engine/finetune/options.js';
import { hasSettled } from '../../../src/engine/finetune/probe.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

const WHOLE = 24;
/** After how many of its losses a stage ends. */
const endOf = (loss: (k: number) => number): number | undefined => {
  const losses: number[] = [];
  while (losses.length < WHOLE) {
    losses.push(loss(losses.length));
    if (hasSettled(losses, WHOLE)) return losses.length;
  }
  return undefined;
};

it('a loss that falls evenly helps to the end; one that levels off does not, whatever its size', () => {
  expect(endOf((k) => 1 - k / WHOLE)).toBeUndefined();
  const levelling = (k: number): number => Math.exp(-k / 3);
  const end = endOf(levelling)!;
  expect(end).toBeGreaterThan(8);
  expect(end).toBeLessThan(18);
  expect(endOf((k) => 5 + 0.001 * levelling(k))).toBe(end);
});

const flat = ({ newTokens }: Learned): number[] => [...(newTokens.get('text_encoder')!.data as Float32Array)];

it('a stage ends where its probe settles, and there too after an interruption; exact steps are exact', async () => {
  const editor = Editor.open(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
  const size = { width: 32, height: 32 };
  const picture = { ...size, data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 256) };
  const labels = { ...size, data: Uint8Array.from({ length: 32 * 32 }, (_, i) => Number(i > 512)) };
  const scene = await editor.segment(picture, labels);
  const steps = [60, 0] as const;
  const options = { steps, accumulation: 1, batch: 4, tokensPerItem: 2, learningRates: [0.5, 0] } as const;

  const whole = await editor.associate(scene, options);
  expect(whole.steps.of).toBe(60);
  expect(whole.steps.taken).toBeGreaterThan(15);
  expect(whole.steps.taken).toBeLessThan(60);

  const abort = new AbortController();
  let state: AssociationState | undefined;
  const interrupted = editor.associate(scene, options, {
    signal: abort.signal,
    onProgress: ({ step }) => {
      if (step === 12) abort.abort();
    },
    onInterrupted: (s) => {
      state = s;
    },
  });
  await expect(interrupted).rejects.toThrow();
  const resumed = await editor.associate(scene, options, { resume: state! });
  expect(resumed.steps).toEqual(whole.steps);
  expect(flat(resumed.learned!)).toEqual(flat(whole.learned!));

  const short = { ...options, ...exactly([5, 0]) };
  expect((await editor.associate(scene, short)).steps).toEqual({ taken: 5, of: 5 });
}, 400_000);
