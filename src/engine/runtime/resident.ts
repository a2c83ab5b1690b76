import * as ort from 'onnxruntime-node';
import { Graph } from '../graph/graph.js';
import { toOnnx } from '../graph/onnx.js';
import { crossed } from './crossing.js';
import type { Device } from './device.js';
import { type Feed, isResident, type Resident, type Residing, type Tensor } from './tensor.js';

/** Of WebGPU's alone are buffers that ONNX Runtime's binding for Node hands out: with CUDA all that is fed crosses at each run. */
export const residesOn = (device: Device): boolean => device === 'webgpu';

/** Keeps a tensor where a device computes: there a copy, on the host the very array. */
export const keep = async <T extends Residing>(
  device: Device,
  { shape, data }: Tensor & { readonly data: T },
): Promise<Resident<T>> => (residesOn(device) ? await OnGpu.from(shape, data) : onHost(shape, data));

/** What many runs are fed, or write over. */
export interface Kept<T extends Tensors = Tensors> {
  readonly feeds: { readonly [K in keyof T]: T[K] extends { data: Float32Array } ? Resident : Feed };
  release(): void;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** What is float32 or int32 among feeds resides until it is let go, the rest is small. */
export async function keepAll<T extends Tensors>(device: Device, feeds: T): Promise<Kept<T>> {
  const kept: Record<string, Feed> = {};
  const release = (): void => {
    for (const feed of Object.values(kept)) if (isResident(feed)) feed.release();
  };
  try {
    for (const [name, feed] of Object.entries(feeds))
      kept[name] =
        feed.data instanceof BigInt64Array ? feed : await keep(device, { ...feed, data: feed.data });
  } catch (error) {
    release();
    throw error;
  }
  return { feeds: kept as Kept<T>['feeds'], release };
}

type Type = 'float32' | 'int32';
const typeOf = (data: Residing): Type => (data instanceof Float32Array ? 'float32' : 'int32');

function onHost<T extends Residing>(shape: readonly number[], data: T): Resident<T> {
  const bound = new ort.Tensor(typeOf(data), data, [...shape]);
  return { shape, bound, read: () => Promise.resolve(data), release: () => {} };
}

/** How many tensors reside on GPUs now. */
export const residents = (): number => live;
let live = 0;

/**
 * In a buffer of WebGPU's. The binding makes one for an output alone, and its `getData` of one ends the process: what goes in
 * and comes out is copied by sessions. The one that made a buffer has to outlive it.
 */
class OnGpu<T extends Residing> implements Resident<T> {
  readonly bound: ort.Tensor;
  #released = false;

  private constructor(
    readonly shape: readonly number[],
    private readonly buffer: ort.Tensor,
  ) {
    this.bound = shaped(buffer, shape);
    live += 1;
  }

  static async from<T extends Residing>(shape: readonly number[], data: T): Promise<OnGpu<T>> {
    const { toGpu } = await copies(typeOf(data));
    const { y } = await toGpu.run({ x: new ort.Tensor(typeOf(data), data, [data.length]) });
    crossed.toDevice += data.byteLength;
    return new OnGpu<T>(shape, y!);
  }

  async read(): Promise<T> {
    const { toHost } = await copies(this.buffer.type as Type);
    const { y } = await toHost.run({ x: shaped(this.buffer, [this.buffer.size]) });
    const data = y!.data as T;
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
const shaped = ({ gpuBuffer, type }: ort.Tensor, shape: readonly number[]): ort.Tensor =>
  ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType: type as Type, dims: [...shape] });

interface Copies {
  readonly toGpu: ort.InferenceSession;
  readonly toHost: ort.InferenceSession;
}
const made = new Map<Type, Promise<Copies>>();

/** Made once a process and type. */
function copies(type: Type): Promise<Copies> {
  const known = made.get(type) ?? makeCopies(type);
  made.set(type, known);
  return known;
}

async function makeCopies(type: Type): Promise<Copies> {
  const graph = new Graph();
  graph.output('y', graph.input('x', ['n'], type));
  const model = toOnnx(graph);
  const options = { executionProviders: ['webgpu', 'cpu'], logSeverityLevel: 3 } as const;
  return {
    toGpu: await ort.InferenceSession.create(model, { ...options, preferredOutputLocation: 'gpu-buffer' }),
    toHost: await ort.InferenceSession.create(model, options),
  };
}
