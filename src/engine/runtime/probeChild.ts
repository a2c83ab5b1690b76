/** The process that `probeDevice` asks: `node probeChild.js DEVICE`. */
import { Graph } from '../graph/graph.js';
import { add } from '../graph/ops/index.js';
import type { Probed } from './probe.js';
import type { Device } from './device.js';
import { provenPrecision } from './precision.js';
import { Session } from './session.js';

async function probe(device: Device): Promise<Probed> {
  try {
    const graph = new Graph();
    const x = graph.input('x', [1]);
    graph.output('y', add(x, x));
    const session = await Session.compile(graph, { device, probe: false });
    const { y } = await session.run({ x: { shape: [1], data: Float32Array.of(21) } }, ['y']);
    if (y.data[0] !== 42) return { why: `${device} computes wrongly: 21 + 21 gave ${y.data[0]}` };
    return await provenPrecision(device);
  } catch (error) {
    return { why: (error as Error).message.split('\n')[0]! };
  }
}

process.send!(await probe(process.argv[2] as Device), () => process.exit(0));
