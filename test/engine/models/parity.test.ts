import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autoencoderConfig } from '../../../src/engine/checkpoint/config/autoencoder.js';
import { clipTextConfig } from '../../../src/engine/checkpoint/config/clip.js';
import { unetConfig } from '../../../src/engine/checkpoint/config/unet.js';
import { ComponentWeights, WEIGHTS_ROOT } from '../../../src/engine/checkpoint/weights.js';
import { gradients } from '../../../src/engine/graph/gradients.js';
import { Graph, type Value } from '../../../src/engine/graph/graph.js';
import { add, concat, mul, reduceMean, sub } from '../../../src/engine/graph/ops/index.js';
import { decode, encode } from '../../../src/engine/models/autoencoderKL.js';
import { clipText, endPositions } from '../../../src/engine/models/clipText.js';
import { groupBias, pixelGroupsInput, TOKEN_GROUPS_INPUT } from '../../../src/engine/models/groupBias.js';
import { Parameters, withParameters } from '../../../src/engine/models/parameters.js';
import { unet2dCondition } from '../../../src/engine/models/unet2dCondition.js';
import { Session, type Tensor } from '../../../src/engine/runtime/session.js';
import { FIXTURES, int32, readFixture, relativeError, temporaryFolder, type Values } from '../../fixtures.js';

/** io and gradients are made by training/reference/{fixtures,model_fixtures}.py with diffusers and transformers. */
const OUTPUT_TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 1e-3;
const KERNELS = ['fused', 'plain'] as const;

const graphWith = (kernel: (typeof KERNELS)[number]): Graph =>
  new Graph({ fusedAttention: kernel === 'fused' });

type Fixture = Readonly<Record<string, Values>>;

function open(name: string) {
  const folder = join(FIXTURES, 'models', name);
  const json = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  return {
    io: readFixture(`models/${name}/io.safetensors`),
    more: readFixture(`models/${name}/gradients.safetensors`),
    json,
    weights: ComponentWeights.open(folder, temporaryFolder()),
  };
}

/** The fixture's gradients as graph inputs that stand for the parameters. */
function overridden(graph: Graph, weights: ComponentWeights, io: Fixture) {
  const names = Object.keys(io)
    .filter((k) => k.startsWith('grad.') && !k.startsWith('grad.in.'))
    .map((k) => k.slice(5));
  const values = new Map<string, Value>();
  const feeds: Record<string, Tensor> = {};
  for (const name of names) {
    const { shape } = weights.get(name);
    values.set(name, graph.input(`weight:${name}`, shape));
    feeds[`weight:${name}`] = { shape, data: weights.read(name) };
  }
  return { values, feeds };
}

/** mean((out − in.<target>)²), the target being fed under its own name. */
function loss(out: Value, io: Fixture, target = 'target'): Value {
  const error = sub(out, out.graph.input(target, io[`in.${target}`]!.shape));
  return reduceMean(mul(error, error));
}

async function expectGradients(
  graph: Graph,
  loss: Value,
  wrt: ReadonlyMap<string, Value>,
  feeds: Record<string, Tensor>,
  io: Fixture,
): Promise<void> {
  graph.output('loss', loss);
  const names = [...wrt.keys()];
  for (const [i, d] of gradients(loss, [...wrt.values()]).entries()) graph.output(names[i]!, d);
  const targets = Object.entries(io).filter(([k]) => k.endsWith('target'));
  const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
  const results = await session.run({
    ...feeds,
    ...Object.fromEntries(targets.map(([k, v]) => [k.slice(3), v])),
  });
  expect(relativeError(results.loss!.data, io['out.loss']!.data)).toBeLessThan(OUTPUT_TOLERANCE);
  for (const key of Object.keys(results).filter((k) => k.startsWith('out.'))) {
    expect(relativeError(results[key]!.data, io[key]!.data), key).toBeLessThan(OUTPUT_TOLERANCE);
  }
  expect(names.toSorted()).toEqual(gradientNames(io));
  for (const name of names) {
    const difference = relativeError(results[name]!.data, io[`grad.${name}`]!.data);
    expect(difference, `gradient of ${name}`).toBeLessThan(GRADIENT_TOLERANCE);
  }
}

/** Every gradient in the fixture, so that none is forgotten. */
const gradientNames = (io: Fixture): string[] =>
  Object.keys(io)
    .filter((k) => k.startsWith('grad.'))
    .map((k) => k.slice(5))
    .sort();

describe.each(['unet-sd1', 'unet-sd2', 'unet-sdxl', 'unet-pocket'])('%s against diffusers', (name) => {
  const { io, more, json, weights } = open(name);
  const config = unetConfig('config.json', json);
  const feeds: Record<string, Tensor> = {
    sample: io['in.sample']!,
    timestep: io['in.timestep']!,
    encoder_hidden_states: io['in.encoder_hidden_states']!,
    ...(io['in.text_embeds'] ? { text_embeds: io['in.text_embeds'], time_ids: io['in.time_ids']! } : {}),
  };
  const inputs = (graph: Graph) => ({
    sample: graph.input('sample', io['in.sample']!.shape),
    timestep: graph.input('timestep', io['in.timestep']!.shape),
    encoderHiddenStates: graph.input('encoder_hidden_states', io['in.encoder_hidden_states']!.shape),
    ...(io['in.text_embeds']
      ? {
          added: {
            textEmbeds: graph.input('text_embeds', io['in.text_embeds'].shape),
            timeIds: graph.input('time_ids', io['in.time_ids']!.shape),
          },
        }
      : {}),
  });

  it.each(KERNELS)('predicts the same (%s)', async (kernel) => {
    const graph = graphWith(kernel);
    graph.output('out', unet2dCondition(new Parameters(graph, weights), config, inputs(graph)));
    const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
    const { out } = await session.run(feeds, ['out']);
    expect(relativeError(out.data, io['out.sample']!.data)).toBeLessThan(OUTPUT_TOLERANCE);
  });

  it('in halves is as near to float32 as diffusers in float16 (training/reference/half_fixture.py)', async () => {
    const graph = new Graph();
    const halves = ComponentWeights.open(join(FIXTURES, 'models', name), temporaryFolder(), 'half');
    const given = inputs(graph);
    graph.output(
      'out',
      withParameters(graph, halves, (p) => unet2dCondition(p, config, given)),
    );
    const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
    const { out } = await session.run(feeds, ['out']);
    const exact = io['out.sample']!.data;
    const theirs = relativeError(readFixture('models/halves.safetensors')[name]!.data, exact);
    const ours = relativeError(out.data, exact);
    expect(ours).toBeLessThan(1.5 * theirs);
    expect(ours).toBeGreaterThan(0.1 * theirs);
  });

  it('has the same gradients, to inputs and to parameters of every kind', async () => {
    const graph = new Graph();
    const { values, feeds: weightFeeds } = overridden(graph, weights, io);
    const given = inputs(graph);
    const out = unet2dCondition(new Parameters(graph, weights, { weights: values }), config, given);
    const wrt = new Map([
      ...values,
      ['in.sample', given.sample],
      ['in.encoder_hidden_states', given.encoderHiddenStates],
    ]);
    await expectGradients(graph, loss(out, io), wrt, { ...feeds, ...weightFeeds }, io);
  });

  const grouped = async (
    kernel: (typeof KERNELS)[number],
    tokens: number[],
    labels: (h: number, w: number) => number[],
  ) => {
    const graph = graphWith(kernel);
    const given = inputs(graph);
    const out = unet2dCondition(new Parameters(graph, weights), config, {
      ...given,
      bias: groupBias(graph, 2, 12),
    });
    graph.output('out', out);
    const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
    const twice = (row: number[]) => ({ shape: [2, row.length], data: Int32Array.from([...row, ...row]) });
    const groups = Object.fromEntries(
      [
        [8, 16],
        [4, 8],
      ].map(([h, w]) => [pixelGroupsInput(h!, w!), twice(labels(h!, w!))]),
    );
    const asked = new Set(graph.inputs.map((v) => v.name));
    const used = Object.fromEntries(Object.entries(groups).filter(([k]) => asked.has(k)));
    return (await session.run({ ...feeds, ...used, token_groups: twice(tokens) }, ['out'])).out.data;
  };

  it.each(KERNELS)('grouped attention is the sum of masked attentions (%s)', async (kernel) => {
    const tokens = Array.from({ length: 12 }, (_, i) => Math.floor(i / 4));
    const out = await grouped(kernel, tokens, (h, w) => [...io[`in.labels_${h}x${w}`]!.data]);
    expect(relativeError(out, io['out.grouped']!.data)).toBeLessThan(OUTPUT_TOLERANCE);
  });

  it('grouped attention with one item over everything is ordinary attention', async () => {
    const out = await grouped('fused', Array(12).fill(0), (h, w) => Array(h * w).fill(0));
    expect(relativeError(out, io['out.sample']!.data)).toBeLessThan(OUTPUT_TOLERANCE);
  });

  it('has the same output and gradients with groups of its own in each row of the batch', async () => {
    const graph = new Graph();
    const { values, feeds: weightFeeds } = overridden(graph, weights, more);
    const given = inputs(graph);
    const out = unet2dCondition(new Parameters(graph, weights, { weights: values }), config, {
      ...given,
      bias: groupBias(graph, 2, 12),
    });
    graph.output('out.sample', out);
    const asked = new Set(graph.inputs.map((v) => v.name));
    const groups = [TOKEN_GROUPS_INPUT, pixelGroupsInput(8, 16), pixelGroupsInput(4, 8)]
      .filter((k) => asked.has(k))
      .map((k) => [k, int32(more[`in.${k}`]!)]);
    const all = { ...feeds, ...weightFeeds, ...Object.fromEntries(groups) };
    const wrt = new Map([
      ...values,
      ['in.sample', given.sample],
      ['in.encoder_hidden_states', given.encoderHiddenStates],
    ]);
    await expectGradients(graph, loss(out, more), wrt, all, more);
  });
});

describe.each(['clip-quick-gelu', 'clip-gelu', 'clip-projection'])('%s against transformers', (name) => {
  const { io, more, json, weights } = open(name);
  const config = clipTextConfig('config.json', json);
  const ids = int32(io['in.input_ids']!);
  const rows = Array.from({ length: 3 }, (_, n) => [...ids.data.subarray(n * 10, n * 10 + 10)]);

  it.each(KERNELS)('gives the same hidden states and pooled output (%s)', async (kernel) => {
    const graph = graphWith(kernel);
    const out = clipText(new Parameters(graph, weights), config, {
      inputIds: graph.input('ids', [3, 10], 'int32'),
      endPositions: graph.input('ends', [3], 'int32'),
    });
    graph.output('last_hidden_state', out.lastHiddenState);
    graph.output('penultimate', out.penultimate);
    graph.output('pooled', out.pooled!);
    const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
    const results = await session.run({ ids, ends: { shape: [3], data: endPositions(rows, config) } });
    for (const [key, { data }] of Object.entries(results)) {
      expect(relativeError(data, io[`out.${key}`]!.data), key).toBeLessThan(OUTPUT_TOLERANCE);
    }
  });

  it('has the same gradients, to token rows and weights', async () => {
    const graph = new Graph();
    const { values, feeds } = overridden(graph, weights, io);
    const { lastHiddenState } = clipText(new Parameters(graph, weights, { weights: values }), config, {
      inputIds: graph.input('ids', [3, 10], 'int32'),
    });
    await expectGradients(graph, loss(lastHiddenState, io), values, { ...feeds, ids }, io);
  });

  it('has the same new tokens: outputs, and gradients to their rows', async () => {
    const graph = new Graph();
    const { values, feeds } = overridden(graph, weights, more);
    const newIds = int32(more['in.input_ids']!);
    const newRows = Array.from({ length: 3 }, (_, n) => [...newIds.data.subarray(n * 10, n * 10 + 10)]);
    const newTokens = graph.input('new_tokens', more['in.new_tokens']!.shape);
    const { penultimate, pooled } = clipText(new Parameters(graph, weights, { weights: values }), config, {
      inputIds: graph.input('ids', [3, 10], 'int32'),
      newTokens,
      endPositions: graph.input('ends', [3], 'int32'),
    });
    graph.output('out.penultimate', penultimate);
    graph.output('out.pooled', pooled!);
    const both = add(loss(penultimate, more), loss(pooled!, more, 'pooled_target'));
    const all = {
      ...feeds,
      ids: newIds,
      new_tokens: more['in.new_tokens']!,
      ends: { shape: [3], data: endPositions(newRows, config) },
    };
    await expectGradients(graph, both, new Map([...values, ['in.new_tokens', newTokens]]), all, more);
  });
});

describe.each(['vae-sd', 'vae-pocket'])('%s against diffusers', (name) => {
  const { io, more, json, weights } = open(name);
  const config = autoencoderConfig('config.json', json);

  it.each(KERNELS)('encodes and decodes the same (%s)', async (kernel) => {
    const graph = graphWith(kernel);
    const p = new Parameters(graph, weights);
    const { mean, logvar } = encode(p, config, graph.input('pixels', io['in.pixels']!.shape));
    graph.output('mean', mean);
    graph.output('logvar', logvar);
    graph.output('pixels_out', decode(p, config, graph.input('latents', io['in.latents']!.shape)));
    const session = await Session.compile(graph, { weightsRoot: WEIGHTS_ROOT });
    const out = await session.run({ pixels: io['in.pixels']!, latents: io['in.latents']! });
    expect(relativeError(out.mean!.data, io['out.mean']!.data)).toBeLessThan(OUTPUT_TOLERANCE);
    expect(relativeError(out.logvar!.data, io['out.logvar']!.data)).toBeLessThan(OUTPUT_TOLERANCE);
    expect(relativeError(out.pixels_out!.data, io['out.pixels']!.data)).toBeLessThan(OUTPUT_TOLERANCE);
  });

  it('has the same gradients, both ways', async () => {
    const graph = new Graph();
    const { values, feeds } = overridden(graph, weights, more);
    const p = new Parameters(graph, weights, { weights: values });
    const pixels = graph.input('pixels', io['in.pixels']!.shape);
    const latents = graph.input('latents', io['in.latents']!.shape);
    const { mean, logvar } = encode(p, config, pixels);
    const both = add(
      loss(concat([mean, logvar], 1), more, 'moments_target'),
      loss(decode(p, config, latents), more),
    );
    const wrt = new Map([...values, ['in.pixels', pixels], ['in.latents', latents]]);
    const all = { ...feeds, pixels: io['in.pixels']!, latents: io['in.latents']! };
    await expectGradients(graph, both, wrt, all, more);
  });
});
