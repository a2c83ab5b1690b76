import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { PACKAGE_ROOT, resolveCheckpoint } from '../../../src/app/checkpoints.js';
import { decodePicture, Editor, type Scene } from '../../../src/engine/editor.js';
import { type Draw, likeliest, type Verdict } from '../../../src/engine/editing/candidates.js';
import type { EditCallbacks } from '../../../src/engine/editing/settings.js';
import { UserError } from '../../../src/engine/errors.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

const STEPS = 3;

/** Draws a seed as itself, and remembers what was drawn together. */
function drawing() {
  const batches: number[][] = [];
  const draw: Draw<number> = async (seeds, { onStep, signal }) => {
    batches.push([...seeds]);
    for (let step = 1; step <= STEPS; step++) {
      signal?.throwIfAborted();
      onStep?.(step, STEPS);
    }
    return [...seeds];
  };
  return { batches, draw };
}

const refused: Verdict = { recognised: false, likeness: -9 };

describe('candidates', () => {
  it('keeps a first one that is recognised, and draws nothing more', async () => {
    const { batches, draw } = drawing();
    const judge = async () => ({ recognised: true, likeness: -9 });
    expect(await likeliest(draw, judge, [5, 6], 4, {})).toEqual([5, 6]);
    expect(batches).toEqual([[5, 6]]);
  });

  it('ends with the first that is recognised, whatever was likelier before', async () => {
    const { batches, draw } = drawing();
    const judge = async (seed: number): Promise<Verdict> =>
      batches.length === 3 && seed === batches[2]![0]
        ? { recognised: true, likeness: -8 }
        : { recognised: false, likeness: -1 };
    const [kept] = await likeliest(draw, judge, [5], 9, {});
    expect(batches).toHaveLength(3);
    expect(kept).toBe(batches[2]![0]);
  });

  it('keeps the likeliest where none is recognised', async () => {
    const { batches, draw } = drawing();
    const judge = async (seed: number): Promise<Verdict> =>
      batches.length === 2 && seed === batches[1]![0] ? { ...refused, likeness: -3 } : refused;
    const [kept] = await likeliest(draw, judge, [5], 4, {});
    expect(batches).toHaveLength(4);
    expect(kept).toBe(batches[1]![0]);
  });

  it('are the same ones for a seed, alone and among variants, and others for another', async () => {
    const alone = drawing();
    await likeliest(alone.draw, async () => refused, [5], 3, {});
    const together = drawing();
    await likeliest(together.draw, async () => refused, [5, 6], 3, {});
    const [, ...further] = alone.batches;
    expect(together.batches[0]).toEqual([5, 6]);
    expect(together.batches.slice(1, 3)).toEqual(further);
    const all = together.batches.flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it('are drawn once without a judge, and where one try is all there are', async () => {
    const { batches, draw } = drawing();
    expect(await likeliest(draw, undefined, [5], 4, {})).toEqual([5]);
    expect(await likeliest(draw, async () => refused, [5], 1, {})).toEqual([5]);
    expect(batches).toEqual([[5], [5]]);
  });

  it('tell of as many steps as are known to be needed, and never of fewer done', async () => {
    const { draw } = drawing();
    const told: [number, number][] = [];
    await likeliest(draw, async () => refused, [5], 2, { onStep: (done, of) => told.push([done, of]) });
    expect(told).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, done <= STEPS ? STEPS : 2 * STEPS]));
  });

  it('are not begun after a cancellation', async () => {
    const { batches, draw } = drawing();
    const abort = new AbortController();
    const judge = async (): Promise<Verdict> => {
      abort.abort(new Error('cancelled'));
      return refused;
    };
    await expect(likeliest(draw, judge, [5], 4, { signal: abort.signal })).rejects.toThrow('cancelled');
    expect(batches).toEqual([[5]]);
  });

  it('of which the one that is kept was blurred say so, the others do not', async () => {
    const onBlurred = vi.fn();
    const { draw } = drawing();
    const blurring: Draw<number> = async (seeds, callbacks: EditCallbacks) => {
      for (const [i, seed] of seeds.entries()) if (seed < 7) callbacks.onBlurred?.(i);
      return await draw(seeds, callbacks);
    };
    const judge = async (seed: number): Promise<Verdict> => ({
      recognised: seed > 6 || seed === 6,
      likeness: 0,
    });
    await likeliest(blurring, judge, [5, 6], 2, { onBlurred });
    expect(onBlurred.mock.calls).toEqual([[1]]);
  });

  it('that are held back count for nothing; a first one that is held back is told', async () => {
    const held: Draw<number> = async (seeds) => {
      if (seeds[0] !== 5) throw new UserError('held back');
      return [...seeds];
    };
    expect(await likeliest(held, async () => refused, [5], 3, {})).toEqual([5]);
    await expect(likeliest(held, async () => refused, [6], 3, {})).rejects.toThrow('held back');
  });
});

describe('an edit by words', () => {
  const pocket = Editor.open(resolveCheckpoint('pocket'), { cacheDir: temporaryFolder() });
  let scene: Scene;
  beforeAll(async () => {
    scene = await pocket.segment((await decodePicture(join(PACKAGE_ROOT, 'examples', 'scene.png'))).picture);
  });
  const options = { steps: 2, tries: 3 };
  const stepsOf = async (editor: Editor, prompt: string, more = {}): Promise<number> => {
    let steps = 0;
    const edit = { kind: 'replace', item: 1, prompt } as const;
    await editor.edit(scene, edit, { ...options, ...more }, { onStep: () => void steps++ });
    return steps;
  };

  it('is tried again where two steps make nothing that the scorer recognises', async () => {
    expect(await stepsOf(pocket, 'a green monkey')).toBe(3 * options.steps);
    expect(await stepsOf(pocket, 'a green monkey', { tries: 1 })).toBe(options.steps);
  });

  it('is drawn once where the scorer has no word for it', async () => {
    expect(await stepsOf(pocket, 'a bulldozer')).toBe(options.steps);
  });

  it('is drawn once where the checkpoint has no scorer', async () => {
    const tiny = Editor.open(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
    expect(await stepsOf(tiny, 'a cat')).toBe(options.steps);
    expect(tiny.editDefaults(scene.picture).tries).toBe(1);
  });
});
