import * as ort from 'onnxruntime-node';
import { Graph } from '../graph/graph.js';
import { toOnnx } from '../graph/onnx.js';
import { crossed } from './crossing.js';
import type { Device } from './device.js';
import { type Feed, isResident, type Resident, type Tensor } from './tensor.js';

/** Of WebGPU's alone are buffers that ONNX Runtime's binding for Node hands out: with CUDA all that is fed crosses at each run. */
export const residesOn = (device: Device): boolean => device === 'webgpu';

/** Keeps a tensor where a device computes: there a copy, on the host the very array. */
export async function keep(device: Device, { shape, data }: Tensor): Promise<Resident> {
  if (!(data instanceof Float32Array)) throw new Error('only float32 resides');
  return residesOn(device) ? await OnGpu.from(shape, data) : onHost(shape, data);
}

/** Feeds that are the same for many runs. */
export interface Kept {
  readonly feeds: Readonly<Record<string, Feed>>;
  release(): void;
}

/** What is float32 among feeds resides until it is let go, the rest is small. */
export async function keepAll(device: Device, feeds: Readonly<Record<string, Tensor>>): Promise<Kept> {
  const kept: Record<string, Feed> = {};
  const release = (): void => {
    for (const feed of Object.values(kept)) if (isResident(feed)) feed.release();
  };
  try {
    for (const [name, feed] of Object.entries(feeds))
      kept[name] = feed.data instanceof Float32Array ? await keep(device, feed) : feed;
  } catch (error) {
    release();
    throw error;
  }
  return { feeds: kept, release };
}

function onHost(shape: readonly number[], data: Float32Array): Resident {
  const bound = new ort.Tensor('float32', data, [...shape]);
  return { shape, bound, read: () => Promise.resolve(data), release: () => {} };
}

/** How many tensors reside on GPUs now. */
export const residents = (): number => live;
let live = 0;

/**
 * In a buffer of WebGPU's. The binding makes one for an output alone, and its `getData` of one ends the process: what goes in
 * and comes out is copied by sessions. The one that made a buffer has to outlive it.
 */
class OnGpu implements Resident {
  readonly bound: ort.Tensor;
  #released = false;

  private constructor(
    readonly shape: readonly number[],
    private readonly buffer: ort.Tensor,
  ) {
    this.bound = shaped(buffer, shape);
    live += 1;
  }

  static async from(shape: readonly number[], data: Float32Array): Promise<OnGpu> {
    const { y } = await (await copies()).toGpu.run({ x: new ort.Tensor('float32', data, [data.length]) });
    crossed.toDevice += data.byteLength;
    return new OnGpu(shape, y!);
  }

  async read(): Promise<Float32Array> {
    const { y } = await (await copies()).toHost.run({ x: shaped(this.buffer, [this.buffer.size]) });
    const data = y!.data as Float32Array;
    crossed.toHost += data.byteLength;
    return data;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    live -= 1;
    this.bound.dispose();
    this.buffer.dispose();
  }
}

/** The same buffer as a tensor of another shape. */
const shaped = ({ gpuBuffer }: ort.Tensor, shape: readonly number[]): ort.Tensor =>
  ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType: 'float32', dims: [...shape] });

interface Copies {
  readonly toGpu: ort.InferenceSession;
  readonly toHost: ort.InferenceSession;
}
let made: Promise<Copies> | undefined;

/** Made once a process. */
const copies = (): Promise<Copies> => (made ??= makeCopies());

async function makeCopies(): Promise<Copies> {
  const graph = new Graph();
  graph.output('y', graph.input('x', ['n']));
  const model = toOnnx(graph);
  const options = { executionProviders: ['webgpu', 'cpu'], logSeverityLevel: 3 } as const;
  return {
    toGpu: await ort.InferenceSession.create(model, { ...options, preferredOutputLocation: 'gpu-buffer' }),
    toHost: await ort.InferenceSession.create(model, options),
  };
}
