import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../src/engine/diffusion/pipeline.js';
import { Editor } from '../../src/engine/editor.js';
import type { Graph } from '../../src/engine/graph/graph.js';
import { floatsToHalves, halfToFloat, halvesToFloats, type Precision } from '../../src/engine/halves.js';
import { keep } from '../../src/engine/runtime/resident.js';
import { Session, type Tensor } from '../../src/engine/runtime/session.js';
import { FIXTURES, relativeError, temporaryFolder } from '../fixtures.js';

describe('halves of floats', () => {
  it('every half is its own nearest', () => {
    const all = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
    const again = floatsToHalves(halvesToFloats(all));
    const off = all.filter((half, i) => again[i] !== half && !Number.isNaN(halfToFloat(half)));
    expect([...off]).toEqual([]);
    expect(halfToFloat(floatsToHalves(Float32Array.of(NaN))[0]!)).toBeNaN();
  });

  it('of two as near the even one, and above and below the middle the nearer one', () => {
    const wrong: number[] = [];
    // neighbours of both signs, ones of the least exponent among them
    for (const half of [0, 1, 2, 0x3fe, 0x3ff, 0x400, 0x3c00, 0x3c01, 0x7bfe, 0x8001, 0xbc01]) {
      const [a, b] = [halfToFloat(half), halfToFloat(half + 1)];
      const middle = (a + b) / 2;
      const even = half % 2 === 0 ? a : b;
      const near = Math.abs(b - a) / 64;
      const cases = [
        [middle, even],
        [middle + Math.sign(b - a) * near, b],
        [middle - Math.sign(b - a) * near, a],
      ] as const;
      for (const [x, wanted] of cases)
        if (halfToFloat(floatsToHalves(Float32Array.of(x))[0]!) !== wanted) wrong.push(x);
    }
    expect(wrong).toEqual([]);
  });

  it('what is too large is infinite', () => {
    const halves = floatsToHalves(Float32Array.of(65504, 65519, 65520, -1e30, 1e-9));
    expect([...halvesToFloats(halves)]).toEqual([65504, 65504, Infinity, -Infinity, 0]);
  });
});

const open = (name: string, precision: Precision, cacheDir = temporaryFolder()) =>
  new Pipeline(openCheckpoint(join(FIXTURES, name), { cacheDir, precision }));

const graphOf = (pipeline: Pipeline, fusedAttention = true): Graph =>
  pipeline.predictorGraph([2, pipeline.family.denoiser.channels, 8, 8], 20, undefined, { fusedAttention });

/** A repeatable spread of values for each input. */
const feedsOf = ({ inputs }: Graph): Record<string, Tensor> =>
  Object.fromEntries(
    inputs.map(({ name, dtype, shape }, k) => {
      const length = shape.reduce<number>((n, d) => n * Number(d), 1);
      const wave = (_: unknown, i: number) =>
        name === 'timestep' ? 500 : Math.sin(1.3 * i + 0.1 * i * i + k);
      const data = dtype === 'int32' ? new Int32Array(length) : Float32Array.from({ length }, wave);
      return [name, { shape: shape as readonly number[], data }];
    }),
  );

const run = async (graph: Graph, rounded?: boolean): Promise<Float32Array> => {
  const session = await Session.compile(graph, {
    weightsRoot: '/',
    ...(rounded === false ? { rounded } : {}),
  });
  try {
    return (await session.run(feedsOf(graph), ['prediction'])).prediction.data;
  } finally {
    await session.release();
  }
};

describe('a denoiser in halves', () => {
  const [full, half] = [open('tiny-sd', 'full'), open('tiny-sd', 'half')];

  it('predicts what it predicts in float32, as far as halves go; the graph that GPUs get is sound', async () => {
    const exact = await run(graphOf(full));
    for (const fused of [true, false]) {
      const found = relativeError(await run(graphOf(half, fused)), exact);
      expect(found).toBeLessThan(5e-3);
      expect(found).toBeGreaterThan(5e-4);
      // ONNX Runtime's CPU takes what is stored in halves to float32 and rounds little
      expect(relativeError(await run(graphOf(half, fused), false), exact)).toBeLessThan(5e-3);
    }
  });

  it('keeps its statistics, its softmax and its sense of time in float32', () => {
    const { nodes } = graphOf(half, false);
    const floats = (name: string) =>
      nodes.filter(({ op }) => op.name === name).flatMap(({ inputs }) => inputs.map((v) => v.dtype));
    expect(new Set(floats('Sin'))).toEqual(new Set(['float32']));
    expect(new Set(floats('Conv'))).toEqual(new Set(['float16']));
    // the time embedding's two layers are the only products in float32
    const products = nodes.filter(({ op, inputs }) => op.name === 'Gemm' && inputs[0]!.dtype === 'float32');
    expect(products).toHaveLength(2);
    const norms = nodes.filter(({ op }) => op.name === 'GroupNorm' || op.name === 'LayerNorm');
    expect(norms.length).toBeGreaterThan(10);
    for (const { outputs } of norms)
      expect(outputs.map((v) => v.dtype)).toEqual(['float16', 'float32', 'float32']);
  });

  it('attends in float32 where its config says that halves overflow (SD 2.1)', () => {
    const types = (upcast_attention: boolean) => {
      const unet = { ...half.checkpoint.unet, config: { ...half.checkpoint.unet.config, upcast_attention } };
      const { nodes } = graphOf(new Pipeline({ ...half.checkpoint, unet }));
      const attentions = nodes.filter(({ op }) => op.name === 'Attention');
      return new Set(attentions.flatMap(({ inputs }) => inputs.map((v) => v.dtype)));
    };
    expect(types(false)).toEqual(new Set(['float16']));
    expect(types(true)).toEqual(new Set(['float32']));
  });

  it('is not met in a graph of float32, which has no cast either', () => {
    const { nodes, initializers } = graphOf(full);
    expect(nodes.filter(({ op }) => op.name === 'Cast')).toEqual([]);
    const values = [...initializers.keys(), ...nodes.flatMap(({ outputs }) => outputs)];
    expect(values.filter((v) => v.dtype === 'float16')).toEqual([]);
  });

  it('that leaves their range says so, wherever its prediction goes', async () => {
    const rows = [await half.encodePrompts(['a cat'])];
    const size = { height: 8, width: 8 };
    const denoise = await half.predictor({ ...size, rows, groups: half.groups(['ordinary'], size, 1) });
    const place = (x: number) =>
      keep('cpu', { shape: denoise.shape, data: new Float32Array(4 * 64).fill(x) });
    const [small, large, prediction] = [await place(1), await place(1e5), await place(0)];
    const said = 'leaves the range of half precision: compute with --precision full';
    await expect(denoise(await large.read(), 500)).rejects.toThrow(said);
    await expect(denoise.over(large, 500, prediction)).rejects.toThrow(said);
    await denoise.over(small, 500, prediction);
    expect(await prediction.read()).toEqual(await denoise(await small.read(), 500));
  });

  it('draws in twenty steps what it draws in float32, within 2 of 255', async () => {
    const picture = {
      width: 32,
      height: 32,
      data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 256),
    };
    const labels = { ...picture, data: Uint8Array.from({ length: 32 * 32 }, (_, i) => Number(i % 32 < 12)) };
    const drawn = async (precision: Precision) => {
      const editor = Editor.open(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder(), precision });
      const scene = await editor.associate(await editor.segment(picture, labels), { steps: [0, 0] });
      const edit = { kind: 'replace', item: 1, prompt: 'a cat' } as const;
      return (await editor.edit(scene, edit, { steps: 20 })).picture.data;
    };
    const [a, b] = [await drawn('full'), await drawn('half')];
    const farthest = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
    expect(farthest).toBeLessThanOrEqual(2);
    expect(a).not.toEqual(picture.data);
  });
});

describe('files', () => {
  it('in halves are mapped where they lie; an autoencoder that halves are too small for is copied', () => {
    const cacheDir = temporaryFolder();
    const { textEncoders, unet, vae } = open('tiny-sdxl', 'half', cacheDir).checkpoint;
    for (const { weights } of [...textEncoders, unet])
      for (const name of weights.names()) expect(weights.get(name).file).toContain(FIXTURES);
    expect(vae.weights.precision).toBe('full');
    expect(vae.weights.get(vae.weights.names()[0]!).file).toContain(cacheDir);
  });

  it('in float32 are copied once, each value as its nearest half', () => {
    const cacheDir = temporaryFolder();
    const [exact, rounded] = [open('tiny-sd', 'full', cacheDir), open('tiny-sd', 'half', cacheDir)];
    const [name] = rounded.family.denoiser.trainable('cross-attention');
    const { file, dtype } = rounded.checkpoint.unet.weights.get(name!);
    expect(dtype).toBe('F16');
    expect(existsSync(file)).toBe(true);
    const wanted = halvesToFloats(floatsToHalves(exact.family.denoiser.read(name!).data as Float32Array));
    expect(rounded.family.denoiser.read(name!).data).toEqual(wanted);
    expect(open('tiny-sd', 'half', cacheDir).checkpoint.unet.weights.get(name!).file).toBe(file);
  });
});
