import { Graph } from '../graph/graph.js';
import { attention } from '../graph/ops/index.js';
import type { Device } from './device.js';
import { Session, type Tensor } from './session.js';

const answers = new Map<Device, Promise<boolean>>();

/**
 * Whether ONNX Runtime's attention kernel computes rightly on a device. On WebGPU its flash attention looks at as many
 * keys at once as a subgroup has lanes and is wrong where that are fewer than 8 (SwiftShader's 4; see
 * github.com/microsoft/onnxruntime/pull/28520): one small attention beside plain nodes tells.
 * @param answered where the device is known to answer: it is not probed before
 */
export function fusedAttentionWorks(device: Device, answered = false): Promise<boolean> {
  if (device === 'cpu') return Promise.resolve(true);
  const known = answers.get(device) ?? probe(device, answered);
  answers.set(device, known);
  return known;
}

async function probe(device: Device, answered: boolean): Promise<boolean> {
  const attended = (fused: boolean): Promise<Float32Array> => attend(device, fused, answered);
  const [fused, plain] = [await attended(true), await attended(false)];
  return fused.every((value, i) => Math.abs(value - plain[i]!) < 1e-3);
}

async function attend(device: Device, fusedAttention: boolean, answered: boolean): Promise<Float32Array> {
  // enough queries and keys for the kernel's tiles
  const shape = [1, 64, 64];
  const graph = new Graph({ fusedAttention });
  const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, shape));
  graph.output('out', attention(q!, k!, v!, { heads: 2 }));
  const wave = (step: number): Tensor => ({
    shape,
    data: Float32Array.from({ length: 64 * 64 }, (_, i) => 2 * Math.sin(step * i + 0.1 * step)),
  });
  const session = await Session.compile(graph, { device, probe: !answered });
  try {
    return (await session.run({ q: wave(1.3), k: wave(0.7), v: wave(2.1) }, ['out'])).out.data;
  } finally {
    await session.release();
  }
}
