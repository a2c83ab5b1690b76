/**
 * What onnxruntime-node does with buffers of WebGPU's: src/engine/runtime/resident.ts is built on it.
 *
 *     npm run --silent prepare && node bench/gpu/buffers.js
 *
 * On a machine without a GPU, SwiftShader: VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json LD_LIBRARY_PATH=/usr/lib/chromium
 */
import { spawnSync } from 'node:child_process';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Graph } from '../../dist/engine/graph/graph.js';
import { add, mul, reduceMean } from '../../dist/engine/graph/ops/index.js';
import { toOnnx } from '../../dist/engine/graph/onnx.js';

const graph = new Graph();
const [x, y] = [graph.input('x', [2]), graph.input('y', [2])];
graph.output('z', add(mul(x, 2), y));
graph.output('mean', reduceMean(x));
const model = toOnnx(graph);
const options = { executionProviders: ['webgpu', 'cpu'], logSeverityLevel: 3 };
const host = (...values) => new Tensor('float32', Float32Array.from(values), [values.length]);
const zeros = host(0, 0);

const making = await InferenceSession.create(model, {
  ...options,
  preferredOutputLocation: { z: 'gpu-buffer', mean: 'cpu' },
});
const { z: buffer } = await making.run({ x: host(1, 2), y: host(10, 20) });
if (process.argv[2] === 'getData') await buffer.getData();

const plain = await InferenceSession.create(model, options);
const doubled = async (tensor) => [...(await plain.run({ x: tensor, y: zeros })).z.data];
const say = (what, found) => console.log(`${what}: ${found}`);
say('an output stays there', buffer.location);
say('another session is fed it, 24,48', await doubled(buffer));
const { z: note } = await plain.run({ x: host(1, 1), y: buffer }, { z: buffer, mean: null });
say('and writes over it, though it is its input, 28,52', await doubled(buffer));
note.dispose();
say('what the run returned of it is but a note, 28,52', await doubled(buffer));
await making.run({ x: host(1, 1), y: zeros }, { z: buffer, mean: null });
say('the session that makes them does not write over it, 28,52', await doubled(buffer));
say(
  'nor does it bear to be asked for less',
  await making.run({ x: zeros, y: zeros }, ['z']).then(
    () => 'it does',
    ({ message }) => message,
  ),
);
buffer.dispose();
say('disposed of, it is not taken', await doubled(buffer).catch(({ message }) => message));
const { signal, status } = spawnSync(process.execPath, [process.argv[1], 'getData'], { stdio: 'ignore' });
say('getData ends the process', signal ?? `status ${status}`);
