import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { decodePicture } from '../../../src/engine/compositing/decode.js';
import { FOUND } from '../../../src/engine/edits/onFound.js';
import { UserError } from '../../../src/engine/errors.js';
import { areasOf } from '../../../src/engine/masks/labelMap.js';
import { areaOf } from '../../../src/engine/masks/mask.js';
import { InProcessEngine } from '../../../src/engine/process/inProcess.js';
import { OnnxFile } from '../../../src/engine/runtime/onnxFile.js';
import { openPanoptic } from '../../../src/engine/segmentation/panoptic/files.js';
import { itemsOf } from '../../../src/engine/segmentation/panoptic/items.js';
import { isStuff, namesOf, plainName } from '../../../src/engine/segmentation/panoptic/names.js';
import { PanopticSegmenter } from '../../../src/engine/segmentation/panoptic/panoptic.js';
import { modest, prepared, seenSize } from '../../../src/engine/segmentation/panoptic/prepare.js';
import { segmentsOf } from '../../../src/engine/segmentation/panoptic/segments.js';
import { segment } from '../../../src/engine/segmentation/segment.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

const FAMILIES = ['detr', 'maskformer'] as const;
const folderOf = (family: string): string => join(FIXTURES, 'panoptic', family);
const picture = async () => (await decodePicture(join(FIXTURES, 'panoptic', 'picture.png'))).picture;

describe.each(FAMILIES)('%s, as transformers has it', (family) => {
  const io = readFixture(`panoptic/${family}/io.safetensors`);
  const files = openPanoptic(folderOf(family));

  it('pictures are made ready: the same size, pixels within a grey level or two', async () => {
    const { shape, data } = await prepared(await picture(), files.processor);
    const theirs = io['out.pixel_values']!;
    expect(shape).toEqual(theirs.shape);
    const levels = [...(data as Float32Array)].map((x, i) => Math.abs(x - theirs.data[i]!) * 0.225 * 255);
    expect(Math.max(...levels)).toBeLessThan(2.5);
    expect(levels.reduce((sum, x) => sum + x, 0) / levels.length).toBeLessThan(0.5);
  });

  it('the exported model gives what PyTorch gives', async () => {
    const model = await OnnxFile.open(files.model);
    const { shape, data } = io['out.pixel_values']!;
    const mask = { shape: [1, 64, 64], data: new BigInt64Array(64 * 64).fill(1n) };
    const feeds = {
      pixel_values: { shape, data: Float32Array.from(data) },
      ...(family === 'detr' ? { pixel_mask: mask } : {}),
    };
    const { classes, masks } = files.outputs;
    const found = await model.run(feeds, [classes, masks]);
    // the exported models magnify what tells queries apart, and rounding with it
    expect(relativeError(found[classes]!.data, io['out.classes']!.data)).toBeLessThan(1e-3);
    expect(relativeError(found[masks]!.data, io['out.masks']!.data)).toBeLessThan(1e-3);
  });

  it('segments are the same, pixel by pixel', () => {
    const output = (name: string) => ({ shape: io[name]!.shape, data: Float32Array.from(io[name]!.data) });
    const [height, width] = io['out.segments']!.shape as [number, number];
    const found = segmentsOf(output('out.classes'), output('out.masks'), { width, height });
    expect(found.segments.map(({ label }) => label)).toEqual([...io['out.labels']!.data]);
    expect(
      relativeError(
        found.segments.map(({ score }) => score),
        io['out.scores']!.data,
      ),
    ).toBeLessThan(1e-5);
    const wrong = found.of.filter((segment, i) => segment !== io['out.segments']!.data[i]).length;
    expect(wrong).toBeLessThanOrEqual(2); // ties by the last bit
  });

  it('a picture is cut into few items by their names, which find them again', async () => {
    const seen = await picture();
    const segmenter = new PanopticSegmenter(folderOf(family), { segment });
    const { labels, items } = await segmenter.segment(seen);
    const areas = areasOf(labels);
    expect(areas.every((area) => area > 0)).toBe(true);
    expect(areas).toHaveLength(items.length);
    expect(items.length).toBeGreaterThanOrEqual(3);
    expect(new Set(items.map(({ name }) => name)).size).toBe(items.length);
    const found = await segmenter.find(seen, 'the tall man');
    expect(areaOf(found!)).toBeGreaterThan(0);
    expect(await segmenter.find(seen, 'zebra')).toBeUndefined();
  });
});

/** preprocessor_config.json as published, without what says nothing of pictures. */
const RGB = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const EDGES = { longest_edge: 1333, shortest_edge: 800 };
it.each([
  [
    'Xenova/detr-resnet-50-panoptic',
    {
      do_pad: true,
      do_rescale: true,
      feature_extractor_type: 'DetrFeatureExtractor',
      format: 'coco_panoptic',
      size: EDGES,
    },
    1,
  ],
  [
    'onnx-community/maskformer-swin-base-coco',
    {
      do_rescale: true,
      image_processor_type: 'MaskFormerFeatureExtractor',
      max_size: 1333,
      num_labels: null,
      size: EDGES,
      size_divisor: 32,
    },
    32,
  ],
  [
    'facebook/maskformer-swin-tiny-coco',
    {
      feature_extractor_type: 'MaskFormerFeatureExtractor',
      ignore_index: 255,
      max_size: 1333,
      size: 800,
      size_divisibility: 32,
    },
    32,
  ],
])('the published settings of %s are understood', (_, published, multiple) => {
  const folder = temporaryFolder();
  cpSync(folderOf('detr'), folder, { recursive: true });
  const json = { do_normalize: true, do_resize: true, resample: 2, ...RGB, ...published };
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(json));
  const { mean, std, ...sizes } = openPanoptic(folder).processor;
  expect([mean, std]).toEqual([RGB.image_mean, RGB.image_std]);
  expect(sizes).toEqual({ shortest: 800, longest: 1333, multiple });
});

it.each([
  [640, 480, 1066, 800],
  [480, 640, 800, 1066],
  [1333, 800, 1333, 800],
  [2000, 500, 1333, 333],
  [427, 640, 800, 1199],
  [512, 512, 800, 800],
  [3000, 1001, 1333, 445],
])('a picture of %ix%i is shown to the published model at %ix%i', (width, height, w, h) => {
  const published = { mean: [0, 0, 0], std: [1, 1, 1], shortest: 800, longest: 1333, multiple: 1 };
  expect(seenSize({ width, height }, published)).toEqual({ width: w, height: h });
  const shown = seenSize({ width, height }, modest(published));
  expect(Math.min(shown.width, shown.height)).toBeLessThanOrEqual(480);
});

it('labels of COCO are said as people say them', () => {
  const said = ['sky-other-merged', 'wall-brick', 'floor-wood', 'window-blind', 'door-stuff', 'cell phone'];
  expect(said.map(plainName)).toEqual([
    'sky',
    'brick wall',
    'wood floor',
    'window blind',
    'door',
    'cell phone',
  ]);
  expect(['N/A', 'LABEL_3'].map(plainName)).toEqual([undefined, undefined]);
  expect(['sky', 'brick wall', 'person'].map(isStuff)).toEqual([true, true, false]);
  expect(namesOf('couch')).toContain('sofa');
});

describe('segments become items', () => {
  const names = ['sky-other-merged', 'person', 'grass-merged', 'dog', 'N/A'];
  /** A row of blocks, each `size` pixels wide: which segment each is of. */
  const row = (blocks: readonly (readonly [segment: number, size: number])[], labels: readonly number[]) => {
    const of = Uint8Array.from(blocks.flatMap(([segment, size]) => Array<number>(size).fill(segment)));
    return { width: of.length, height: 1, of, segments: labels.map((label) => ({ label, score: 1 })) };
  };
  const runs = (data: Uint8Array): string => [...data].join('').replace(/(.)\1*/g, '$1');

  it('stuff of one name is one item, things are not; the ground comes first, the others by size', () => {
    const found = row(
      [
        [1, 300],
        [2, 100],
        [3, 300],
        [4, 200],
        [5, 100],
      ],
      [0, 1, 0, 1, 2],
    );
    const { labels, names: said } = itemsOf(found, names, 8);
    expect(said).toEqual(['sky', 'person', 'person', 'grass']);
    expect(runs(labels.data)).toBe('02013');
  });

  it('specks go to their neighbours; what was not seen is an item where it is much, and nobody names it', () => {
    const little = itemsOf(
      row(
        [
          [1, 500],
          [0, 30],
          [2, 467],
          [3, 3],
        ],
        [0, 1, 3],
      ),
      names,
      8,
    );
    expect(little.names).toEqual(['sky', 'person']);
    expect(runs(little.labels.data)).toBe('01');
    const much = itemsOf(
      row(
        [
          [1, 500],
          [0, 200],
          [2, 300],
        ],
        [0, 1],
      ),
      names,
      8,
    );
    expect(much.names).toEqual(['sky', 'person', undefined]);
    const unnamed = itemsOf(
      row(
        [
          [1, 600],
          [2, 400],
        ],
        [0, 4],
      ),
      names,
      8,
    );
    expect(unnamed.names).toEqual(['sky', undefined]);
  });

  it('there are no more than are wanted: stuff joins the ground, twins each other, the smallest its neighbours', () => {
    const found = row(
      [
        [1, 400],
        [2, 120],
        [3, 100],
        [4, 110],
        [5, 270],
      ],
      [0, 1, 2, 1, 3],
    );
    expect(itemsOf(found, names, 4).names).toEqual(['sky', 'dog', 'person', 'person']);
    const three = itemsOf(found, names, 3);
    expect(three.names).toEqual(['sky', 'dog', 'person']);
    expect(runs(three.labels.data)).toBe('02021');
    expect(itemsOf(found, names, 2).names).toEqual(['sky', 'dog']);
  });

  it('where nothing was seen the picture is one item', () => {
    expect(itemsOf(row([[0, 100]], []), names, 8).names).toEqual([undefined]);
  });
});

describe('a folder that is no segmenter is refused in a sentence', () => {
  const folder = temporaryFolder();
  const made = (change: (dir: string) => void): string => {
    const dir = join(folder, String(Math.random()));
    cpSync(folderOf('detr'), dir, { recursive: true });
    change(dir);
    return dir;
  };
  const config = (more: object) => (dir: string) =>
    writeFileSync(
      join(dir, 'config.json'),
      JSON.stringify({ model_type: 'detr', id2label: { 0: 'dog' }, ...more }),
    );
  const use = async (dir: string) => await new PanopticSegmenter(dir, { segment }).segment(await picture());

  it.each([
    [
      'no model',
      (dir: string) => rmSync(join(dir, 'onnx'), { recursive: true }),
      /model\.onnx is missing.*dedit pull segmenter/,
    ],
    [
      'no processor',
      (dir: string) => rmSync(join(dir, 'preprocessor_config.json')),
      /preprocessor_config\.json is missing/,
    ],
    ['no folder', (dir: string) => rmSync(dir, { recursive: true }), /config\.json is missing/],
    ['another family', config({ model_type: 'bert' }), /model_type is "bert".*detr, maskformer/],
    ['labels without names', config({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }), /no names/],
    ['labels that are none', config({ id2label: { 1: 'dog' } }), /does not name every label/],
    ["another model's labels", config({}), /tells 7 labels apart and config\.json names 1/],
    [
      'a model of another kind',
      (dir: string) => cpSync(join(folderOf('maskformer'), 'onnx'), join(dir, 'onnx'), { recursive: true }),
      /has no logits, pred_masks/,
    ],
    [
      'a model cut short',
      (dir: string) => writeFileSync(join(dir, 'onnx/model.onnx'), 'no model'),
      /cannot be read.*download it again/,
    ],
    [
      'sizes past reason',
      (dir: string) => writeFileSync(join(dir, 'preprocessor_config.json'), '{"size":{"shortest_edge":1e6}}'),
      /shortest_edge/,
    ],
  ])('%s', async (_, change, message) => {
    const refusal = await use(made(change)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as Error).message).toMatch(message);
  });
});

it('an engine with a segmenter cuts by it, whatever the checkpoint knows, and edits what words name', async () => {
  const engine = new InProcessEngine({
    checkpoint: join(FIXTURES, 'tiny-sd'),
    cacheDir: temporaryFolder(),
    segmenter: folderOf('maskformer'),
  });
  const bytes = readFileSync(join(FIXTURES, 'panoptic', 'picture.png'));
  const cut = await engine.segment(bytes);
  expect(cut.items.some(({ name }) => /person/.test(name))).toBe(true);
  expect((await engine.segment(bytes, { letter: 'B' })).items.map(({ name }) => name)).toEqual(
    cut.items.map(({ name }) => name),
  );
  const found = { kind: 'onFound', words: 'man', then: { kind: 'remove', item: FOUND } } as const;
  const { picture } = await engine.edit(cut, found, {});
  expect(Buffer.from(picture).equals(Buffer.from(cut.picture))).toBe(false);
});

it('where there is no memory for the model the picture is cut without it, and that is said', async () => {
  const all = await picture();
  const own = await segment(all);
  const poor = new PanopticSegmenter(folderOf('detr'), { segment }, 2 ** 20);
  const { remarks, ...cut } = await poor.segment(all);
  expect(cut).toEqual(own);
  expect(remarks).toEqual([
    expect.stringMatching(
      /^The model that sees what things are needs \d+ MB of memory and the engine may hold 1 MB .*: I cut this/,
    ),
  ]);
  expect(await poor.find(all, 'sky')).toBeUndefined();
});

it('what others keep ready makes room for the model, and only where it must', async () => {
  const all = await picture();
  let free = 2 ** 40;
  const asked = vi.spyOn(process, 'availableMemory').mockImplementation(() => free);
  onTestFinished(() => asked.mockRestore());
  let released = 0;
  const makeRoom = async () => {
    released++;
    free = 2 ** 40;
  };
  const segmenter = new PanopticSegmenter(folderOf('detr'), { segment }, Infinity, makeRoom);
  const cut = await segmenter.segment(all);
  expect(released).toBe(0);
  const again = await picture();
  free = 2 ** 20;
  expect(await segmenter.segment(again)).toEqual(cut);
  expect(released).toBe(1);
});

describe('a folder that breaks while people talk', () => {
  const broken = (...changes: ((dir: string) => void)[]): string => {
    const dir = temporaryFolder();
    cpSync(folderOf('maskformer'), dir, { recursive: true });
    for (const change of changes) change(dir);
    return dir;
  };
  const bytes = readFileSync(join(FIXTURES, 'panoptic', 'picture.png'));
  const WITHOUT = 'I cut this picture without the model that sees what things are';

  it.each([
    ['a model cut short', (dir: string) => writeFileSync(join(dir, 'onnx/model.onnx'), 'no model')],
    ['files that are gone', (dir: string) => rmSync(dir, { recursive: true })],
    [
      'labels of another model',
      (dir: string) =>
        writeFileSync(
          join(dir, 'config.json'),
          JSON.stringify({ model_type: 'maskformer', id2label: { 0: 'dog' } }),
        ),
    ],
  ])('%s: the picture is cut without it, that is said, and edits go on', async (_, change) => {
    const segmenter = broken();
    const options = { checkpoint: join(FIXTURES, 'tiny-sd'), cacheDir: temporaryFolder(), segmenter };
    const before = await new InProcessEngine(options).segment(bytes);
    change(segmenter);
    // the engine's process was started again
    const engine = new InProcessEngine(options);
    const cut = await engine.segment(bytes);
    expect(cut.items.map(({ name }) => name)).toEqual(
      (await segment(await picture())).items.map(({ name }) => name),
    );
    expect(cut.remarks).toEqual([{ text: WITHOUT, fault: expect.stringContaining(segmenter) as string }]);
    const wanted = await engine.segment(bytes, { words: ['man'] });
    expect(wanted.items.length).toBeGreaterThan(0);
    expect(wanted.remarks!.length).toBeGreaterThan(0);
    const edited = await engine.edit(before, { kind: 'remove', item: 1 }, {});
    expect(edited.items.map(({ name }) => name)).toEqual(
      before.items.filter((_, i) => i !== 1).map(({ name }) => name),
    );
  });

  it('is used again once it is mended', async () => {
    const dir = broken((folder) => writeFileSync(join(folder, 'onnx/model.onnx'), 'no model'));
    const segmenter = new PanopticSegmenter(dir, { segment });
    const seen = await picture();
    await expect(segmenter.segment(seen)).rejects.toThrow('download it again');
    cpSync(folderOf('maskformer'), dir, { recursive: true });
    expect((await segmenter.segment(seen)).items.length).toBeGreaterThan(1);
  });
});
