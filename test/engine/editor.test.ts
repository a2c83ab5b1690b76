import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT, resolveCheckpoint } from '../../src/app/checkpoints.js';
import { decodePicture, Editor, loadLearned, type Scene, saveLearned } from '../../src/engine/editor.js';
import { type Edit, planEdit } from '../../src/engine/edits/index.js';
import { openCheckpoint } from '../../src/engine/checkpoint/open.js';
import type { AssociationState } from '../../src/engine/finetune/options.js';
import type { Learned } from '../../src/engine/families/learned.js';
import { maskOf } from '../../src/engine/masks/mask.js';
import { dilate } from '../../src/engine/masks/morphology.js';
import type { LabelMap, Raster } from '../../src/engine/raster.js';
import { FIXTURES, temporaryFolder } from '../fixtures.js';

/** Peak signal-to-noise ratio over the pixels of all items but the ground, in dB. */
function psnrInside(labels: LabelMap, a: Raster, b: Raster): number {
  let [squares, count] = [0, 0];
  for (let i = 0; i < labels.data.length; i++) {
    if (labels.data[i] === 0) continue;
    for (let c = 0; c < 3; c++) squares += (a.data[i * 3 + c]! - b.data[i * 3 + c]!) ** 2;
    count += 3;
  }
  return 10 * Math.log10(255 ** 2 / (squares / count));
}

describe('pocket, one picture from end to end', () => {
  const editor = Editor.open(resolveCheckpoint('pocket'), { cacheDir: temporaryFolder() });
  let cut: Scene;
  beforeAll(async () => {
    cut = await editor.segment((await decodePicture(join(PACKAGE_ROOT, 'examples', 'scene.png'))).picture);
  });

  it('learned prompts draw the items closer to the original, by 6 dB', async () => {
    const blank = await editor.edit(editor.untrained(cut), { kind: 'reconstruct' });
    const learned = await editor.associate(cut);
    const drawn = await editor.edit(learned, { kind: 'reconstruct' });
    const before = psnrInside(cut.labels, blank.picture, cut.picture);
    const after = psnrInside(cut.labels, drawn.picture, cut.picture);
    console.log(`PSNR inside items: ${before.toFixed(2)} dB untrained, ${after.toFixed(2)} dB learned`);
    expect(after - before).toBeGreaterThan(6);
  }, 400_000);

  it('replaces an item and touches no pixel outside the active and soft regions', async () => {
    const scene = editor.untrained(cut);
    const edit = { kind: 'replace', item: 1, prompt: 'a lemon' } as const;
    const edge = editor.editDefaults(cut.picture).edge;
    const { picture } = await editor.edit(scene, edit);
    const plan = planEdit(scene, edit, { edge, margin: 2 });
    let changed = 0;
    for (let i = 0; i < cut.labels.data.length; i++) {
      const same = [0, 1, 2].every((c) => picture.data[i * 3 + c] === cut.picture.data[i * 3 + c]);
      if (plan.active.data[i]) changed += Number(!same);
      else if (!plan.soft.data[i]) expect(same, `pixel ${i} lies outside and changed`).toBe(true);
    }
    expect(changed).toBeGreaterThan(500);
    // the whale was blue-grey; a lemon is yellow: red over blue in the mean of what was generated
    const mean = (c: number): number => {
      const at = [...plan.active.data.keys()].filter((i) => plan.active.data[i]);
      return at.reduce((sum, i) => sum + picture.data[i * 3 + c]!, 0) / at.length;
    };
    expect(mean(0) - mean(2)).toBeGreaterThan(60);
  });

  it('leaves no halo: the ground around what it drew is the picture’s own', async () => {
    const scene = editor.untrained(cut);
    const after = await editor.edit(scene, { kind: 'replace', item: 1, prompt: 'a lemon' });
    const empty = await editor.edit(scene, { kind: 'remove', item: 1 });
    const thing = dilate(maskOf(after.labels, 1), 4); // its soft edge
    const was = maskOf(cut.labels, 1);
    let freed = 0;
    for (let i = 0; i < was.data.length; i++) {
      if (thing.data[i]) continue;
      freed += was.data[i]!;
      for (let c = 3 * i; c < 3 * i + 3; c++) expect(after.picture.data[c]).toBe(empty.picture.data[c]);
    }
    expect(freed).toBeGreaterThan(20);
  });

  it('draws what words ask for without the weights that were learned of the picture', async () => {
    const scene = await editor.associate(cut, { steps: [1, 2], stopsEarly: false });
    const tokensAlone = { ...scene, learned: { ...scene.learned!, weights: new Map() } };
    const drawn = async (known: Scene, edit: Edit) =>
      (await editor.edit(known, edit, { steps: 2, tries: 1 })).picture.data;
    expect(scene.learned!.weights.size).toBeGreaterThan(0);
    const lemon = { kind: 'replace', item: 1, prompt: 'a lemon' } as const;
    expect(await drawn(scene, lemon)).toEqual(await drawn(tokensAlone, lemon));
    const again = { kind: 'reconstruct' } as const;
    expect(await drawn(scene, again)).not.toEqual(await drawn(tokensAlone, again));
  });

  it('draws the ground along where the checkpoint says that it can', async () => {
    const copy = join(temporaryFolder(), 'pocket');
    cpSync(resolveCheckpoint('pocket'), copy, { recursive: true });
    const replaced = async (said: object) => {
      writeFileSync(join(copy, 'dedit.json'), JSON.stringify({ steps: 2, tries: 1, ...said }));
      const own = Editor.open(copy, { cacheDir: temporaryFolder() });
      const edit = { kind: 'replace', item: 1, prompt: 'a lemon' } as const;
      return (await own.edit(own.untrained(cut), edit)).labels.data;
    };
    const [completed, drawn, unsaid] = [
      await replaced({ ground: 'completed' }),
      await replaced({ ground: 'drawn' }),
      await replaced({}),
    ];
    // what is laid over a ground is cut out of its own; pocket's autoencoder gives back too little of this place
    expect(completed).not.toEqual(drawn);
    expect(unsaid).toEqual(completed);
    await expect(replaced({ ground: 'painted' })).rejects.toThrow(/ground.*drawn, completed/s);
  });

  it('replaces several items in one sampling, each by its own words', async () => {
    const edits = [
      { kind: 'replace', item: 1, prompt: 'a lemon' },
      { kind: 'replace', item: 2, prompt: 'a blue fish' },
    ] as const;
    let steps = 0;
    const edit = { kind: 'together', edits } as const;
    const after = await editor.edit(
      editor.untrained(cut),
      edit,
      { steps: 8, tries: 1 },
      { onStep: () => steps++ },
    );
    expect(steps).toBe(8);
    expect(after.items.map(({ name }) => name).slice(1, 3)).toEqual(['lemon', 'blue fish']);
    // the whale was blue and is yellow now, the banana the other way round: red over blue in their means
    const warmth = (of: Scene, item: number): number => {
      const at = [...of.labels.data.keys()].filter((i) => cut.labels.data[i] === item);
      return (
        at.reduce((sum, i) => sum + of.picture.data[3 * i]! - of.picture.data[3 * i + 2]!, 0) / at.length
      );
    };
    expect(warmth(after, 1) - warmth(cut, 1)).toBeGreaterThan(30);
    expect(warmth(cut, 2) - warmth(after, 2)).toBeGreaterThan(30);
  });

  it('gives the same bytes for the same seed and others for another', async () => {
    const scene = editor.untrained(cut);
    const run = async (seed: number) =>
      (await editor.edit(scene, { kind: 'remove', item: 2 }, { seed, steps: 5, redraw: 1 })).picture.data;
    const first = await run(1);
    expect(Buffer.compare(await run(1), first)).toBe(0);
    expect(Buffer.compare(await run(2), first)).not.toBe(0);
  });

  it('takes a removed item off the list and keeps the others', async () => {
    const after = await editor.edit(editor.untrained(cut), { kind: 'remove', item: 2 }, { steps: 2 });
    expect(after.items.map((item) => item.name)).toEqual(cut.items.map((i) => i.name).toSpliced(2, 1));
    expect(Math.max(...after.labels.data)).toBe(cut.items.length - 2);
  });

  it('stops between steps when it is told to', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    const edit = editor.edit(
      editor.untrained(cut),
      { kind: 'reconstruct' },
      { steps: 20 },
      { signal: abort.signal, onStep: (done) => done === 3 && abort.abort(reason) },
    );
    await expect(edit).rejects.toBe(reason);
  });
});

describe.each(['tiny-sd', 'tiny-sdxl'])('association on %s', (checkpoint) => {
  const options = { steps: [6, 6], accumulation: 2, batch: 2, tokensPerItem: 2 } as const;
  const editor = Editor.open(join(FIXTURES, checkpoint), { cacheDir: temporaryFolder() });
  const size = { width: 32, height: 32 };
  const picture = { ...size, data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 256) };
  const labels = {
    ...size,
    data: Uint8Array.from({ length: 32 * 32 }, (_, i) => (i % 32 < 12 ? 0 : i < 512 ? 1 : 2)),
  };
  let scene: Scene;
  beforeAll(async () => {
    scene = await editor.segment(picture, labels);
  });
  const flat = ({ newTokens, weights }: Learned) =>
    [...newTokens, ...weights].map(([name, t]) => [name, [...(t.data as Float32Array)]]);

  it.each(['cross-attention', 'lora'] as const)(
    'goes on after an interruption as if nothing had happened (%s)',
    async (method) => {
      const whole = await editor.associate(scene, { ...options, method });
      for (const stopAfter of [3, 9]) {
        const abort = new AbortController();
        let state: AssociationState | undefined;
        let done = 0;
        const interrupted = editor.associate(
          scene,
          { ...options, method },
          {
            signal: abort.signal,
            onProgress: () => {
              done += 1;
              if (done === stopAfter) abort.abort();
            },
            onInterrupted: (s) => {
              state = s;
            },
          },
        );
        await expect(interrupted).rejects.toThrow();
        const resumed = await editor.associate(scene, { ...options, method }, { resume: state! });
        expect(flat(resumed.learned!)).toEqual(flat(whole.learned!));
      }
    },
  );

  it.each(['cross-attention', 'lora'] as const)(
    'saves what it learned and loads it again (%s)',
    async (method) => {
      const { learned } = await editor.associate(scene, { ...options, method });
      const own = editor.pipeline.checkpoint;
      const dir = temporaryFolder();
      saveLearned(dir, learned!, own);
      // alpha / rank goes into B: readers that know of no alpha take 1
      const { loraScale, weights } = learned!;
      const scaled = new Map(
        [...weights].map(([name, { shape, data }]) => {
          const scale = name.endsWith('lora_B.weight') ? loraScale : 1;
          return [name, { shape, data: (data as Float32Array).map((v) => v * scale) }] as const;
        }),
      );
      const expected = { ...learned!, weights: scaled, loraScale: 1 };
      expect(flat(loadLearned(dir, own)).sort()).toEqual(flat(expected).sort());
      // the same weights in another folder, and other weights in a folder of the same name
      const copy = join(temporaryFolder(), 'renamed');
      cpSync(own.dir, copy, { recursive: true });
      expect(loadLearned(dir, openCheckpoint(copy)).items).toBe(learned!.items);
      const pocket = openCheckpoint(resolveCheckpoint('pocket'));
      expect(() => loadLearned(dir, pocket)).toThrow(
        `was learned with other weights (${own.name}) than those of pocket: name that checkpoint`,
      );
      expect(() => loadLearned(temporaryFolder(), pocket)).toThrow('holds no learned items');
    },
  );

  it.each([
    { kind: 'move', item: 1, dx: 4, dy: 4 },
    { kind: 'moveTo', item: 1, x: 10, y: 20 },
    { kind: 'resize', item: 1, scale: 0.5 },
    { kind: 'swap', a: 1, b: 2 },
    { kind: 'grow', item: 1, pixels: -2 },
    { kind: 'augment', item: 1, words: 'red' },
    { kind: 'free', items: [1, 2] },
    {
      kind: 'together',
      edits: [
        { kind: 'remove', item: 2 },
        { kind: 'free', items: [1] },
      ],
    },
    { kind: 'blend', item: 1, prompt: 'a cat', amount: 0.5 },
    { kind: 'imagine', of: [{ item: 1 }, { item: 2 }], words: 'on a beach' },
  ] as const)('carries out $kind', async (edit) => {
    const after = await editor.edit(editor.untrained(scene), edit, { steps: 2, redraw: 0.5 });
    expect(after.picture.data).toHaveLength(after.picture.width * after.picture.height * 3);
    expect(Buffer.compare(after.picture.data, picture.data)).not.toBe(0);
  });

  it('draws the same pictures in one batch as one by one', async () => {
    const untrained = editor.untrained(scene);
    const edit = { kind: 'augment', item: 1, words: 'red' } as const;
    let steps = 0;
    const onStep = () => steps++;
    const all = await editor.variants(untrained, edit, [5, 6, 7], { steps: 3 }, { onStep });
    expect(steps).toBe(3);
    for (const [i, { picture: drawn }] of all.entries()) {
      const alone = await editor.edit(untrained, edit, { steps: 3, seed: 5 + i });
      const apart = drawn.data.map((value, k) => Math.abs(value - alone.picture.data[k]!));
      expect(Math.max(...apart)).toBeLessThanOrEqual(2);
    }
    expect(Buffer.compare(all[0]!.picture.data, all[1]!.picture.data)).not.toBe(0);
  });

  it.each([
    [{ kind: 'remove', item: 7 }, /item 8/],
    [{ kind: 'moveTo', item: 1, x: 900, y: 2 }, /outside the picture/],
  ] as const)('refuses %j in one line', async (edit, message) => {
    await expect(editor.edit(editor.untrained(scene), edit)).rejects.toThrow(message);
  });
});

it.each([
  [300, 100],
  [64, 200],
  [129, 127],
])('edits a picture of %i x %i without cutting it square', async (width, height) => {
  const editor = Editor.open(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
  const picture = { width, height, data: new Uint8Array(width * height * 3).fill(90) };
  const data = Uint8Array.from({ length: width * height }, (_, i) => Number(i % width > width * 0.6));
  const scene = await editor.segment(picture, { width, height, data });
  const after = await editor.edit(
    editor.untrained(scene),
    { kind: 'replace', item: 1, prompt: 'a cat' },
    { steps: 2 },
  );
  expect([after.picture.width, after.picture.height]).toEqual([width, height]);
});
