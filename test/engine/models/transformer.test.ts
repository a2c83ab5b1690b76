import { expect, it } from 'vitest';
import { footprint } from '../../../src/engine/graph/footprint.js';
import { gradients } from '../../../src/engine/graph/gradients.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { reduceMean } from '../../../src/engine/graph/ops/index.js';
import { Parameters } from '../../../src/engine/models/parameters.js';
import { spatialTransformer } from '../../../src/engine/models/transformer.js';

/** Bytes alive at once in forward and backward of a transformer of so many blocks, which are computed again. */
function alive(layers: number): number {
  const graph = new Graph({ recompute: true });
  const source = {
    component: 'unet',
    precision: 'full' as const,
    has: () => true,
    get: (_: string, shape: readonly number[] = []) => ({ shape, location: '', offset: 0, length: 0 }),
  };
  const x = graph.input('x', [1, 64, 32, 32]);
  const context = { encoderHiddenStates: graph.input('text', [1, 8, 16]) };
  const how = { heads: 2, layers, groups: 4, linearProjection: true };
  const y = spatialTransformer(new Parameters(graph, source), x, context, how);
  graph.output('gradient', gradients(reduceMean(y), [x])[0]!);
  return footprint(graph).activations;
}

it("SDXL's transformers of ten blocks keep what goes into each, and no more", () => {
  const between = 4 * 64 * 32 * 32;
  expect(alive(10) - alive(2)).toBeLessThanOrEqual(8 * between);
});
