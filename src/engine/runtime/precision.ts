import { HostError } from '../errors.js';
import { gradients } from '../graph/gradients.js';
import { Graph } from '../graph/graph.js';
import { add, attention, cast, conv2d, groupNorm, mul, reduceMean, reshape } from '../graph/ops/index.js';
import type { Precision } from '../halves.js';
import type { Device } from './device.js';
import { fusedAttentionWorks } from './fusedAttention.js';
import { type Answer, probeDevice } from './probe.js';
import { Session, type Tensor } from './session.js';

/** What may be asked for: 'auto' is half precision where the device is proved to compute it, and never the CPU. */
export const PRECISIONS = ['auto', 'full', 'half'] as const;
export type PrecisionChoice = (typeof PRECISIONS)[number];

/**
 * What models are to compute in on a device.
 * @throws HostError when the device does not answer, or does not compute in the halves that are asked for
 */
export async function precisionOn(device: Device, choice: PrecisionChoice = 'auto'): Promise<Precision> {
  if (choice === 'full' || device === 'cpu') return choice === 'half' ? 'half' : 'full';
  const { precision, because } = await probeDevice(device);
  if (choice === 'half' && precision !== 'half')
    throw new HostError(
      `${device} does not compute in half precision here (${because}): try --precision auto`,
    );
  return precision;
}

/** Relative; halves have 11 digits of two. */
const TOLERANCE = 0.01;
const SHAPE = [1, 8, 8, 8];

/** Half precision where a small learning step in it gives what the CPU gives in float32. */
export async function provenPrecision(device: Device): Promise<Answer> {
  if (device === 'cpu') return { precision: 'full', because: 'the CPU gains nothing by halves' };
  let found: Float32Array;
  try {
    found = await learningStep(device, 'half');
  } catch (error) {
    // a device without them fails when it compiles the kernels
    return { precision: 'full', because: whyNoHalves((error as Error).message) };
  }
  const wanted = await learningStep('cpu', 'full');
  const size = Math.max(...wanted.map(Math.abs));
  const off = Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!))) / size;
  const because = `a learning step in halves is ${(100 * off).toPrecision(2)} % from float32's`;
  // what is no number is not below it either
  return { precision: off < TOLERANCE ? 'half' : 'full', because };
}

function whyNoHalves(message: string): string {
  if (/requires f16|shader-f16/.test(message)) return 'its driver has no shader-f16';
  return `a learning step in halves fails: ${message.split('\n')[0]}`;
}

/** The gradient of a convolution before a group norm and an attention: what each model is made of. */
async function learningStep(device: Device, precision: Precision): Promise<Float32Array> {
  const graph = new Graph({ fusedAttention: await fusedAttentionWorks(device, true) });
  const [x, weight] = [graph.input('x', SHAPE), graph.input('weight', [8, 8, 1, 1])];
  const loss = graph.within(precision, () => {
    const type = precision === 'half' ? 'float16' : 'float32';
    const [one, zero] = [1, 0].map((v) => cast(graph.constant(new Float32Array(8).fill(v), [8]), type));
    const h = groupNorm(conv2d(x, weight), one!, zero!, { groups: 2, epsilon: 1e-5 });
    const tokens = reshape(h, [1, 8, 64]);
    const seen = add(tokens, attention(tokens, tokens, tokens, { heads: 2 }));
    return reduceMean(mul(seen, add(seen, 1)));
  });
  graph.output('gradient', gradients(mul(loss, 64), [weight])[0]!);
  const wave = (shape: readonly number[], step: number): Tensor => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
      Math.sin(step * i + step),
    ),
  });
  const session = await Session.compile(graph, { device, probe: false });
  try {
    const feeds = { x: wave(SHAPE, 1.3), weight: wave([8, 8, 1, 1], 0.7) };
    return (await session.run(feeds, ['gradient'])).gradient.data;
  } finally {
    await session.release();
  }
}
