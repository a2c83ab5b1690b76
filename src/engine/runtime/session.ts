import * as ort from 'onnxruntime-node';
import { HostError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { toOnnx } from '../graph/onnx.js';
import type { DType, Shape } from '../graph/types.js';
import { crossed } from './crossing.js';
import type { Device } from './device.js';
import { free } from './free.js';
import { probeDevice } from './probe.js';
import { type Feed, isResident } from './tensor.js';
import { LAVISH, type Thrift } from './thrift.js';

export type { Tensor } from './tensor.js';

/** Devices that the installed onnxruntime-node was built with; whether a GPU answers shows when a session starts. */
export const supportedDevices = (): Device[] =>
  ort
    .listSupportedBackends()
    .map((backend) => backend.name)
    .filter((name): name is Device => ['cpu', 'webgpu', 'cuda'].includes(name));

export interface CompileOptions {
  readonly device?: Device;
  /** The folder that external weights' locations are relative to. */
  readonly weightsRoot?: string;
  /** Threads of one run; ONNX Runtime's default is one a physical core. */
  readonly threads?: number | undefined;
  /** What speed may cost of memory; all there is of both unless somebody says otherwise. */
  readonly thrift?: Thrift;
  /** Where a trace of every node's time is written when the session is released: the beginning of a file's path. */
  readonly trace?: string | undefined;
  /** Whether halves are rounded float32 (see toOnnx): on the CPU, unless said otherwise. */
  readonly rounded?: boolean;
  /** Whether a GPU is asked first, in a process whose lines nobody sees: without one it writes some to stderr. */
  readonly probe?: boolean;
  /** Called when the session is released: its memory is free. */
  readonly onRelease?: (() => void) | undefined;
}

/** A graph made ready to run. `run` blocks its JavaScript thread for as long as it takes. */
export class Session {
  private constructor(
    private readonly inner: ort.InferenceSession,
    private readonly types: ReadonlyMap<string, { dtype: DType; shape: Shape }>,
    private readonly device: Device,
    private readonly onRelease?: () => void,
  ) {}

  static async compile(graph: Graph, options: CompileOptions = {}): Promise<Session> {
    const { device = 'cpu', weightsRoot, threads, thrift = LAVISH, trace, probe = true } = options;
    const { rounded = device === 'cpu' } = options;
    if (device !== 'cpu' && probe) await probeDevice(device);
    const entries: Record<string, string> = { 'session.disable_prepacking': thrift.repacked ? '0' : '1' };
    // what is made of weights alone would be made once and kept
    if (!thrift.repacked) entries['optimization.disable_specified_optimizers'] = 'ConstantFolding';
    if (weightsRoot) entries['session.model_external_initializers_file_folder_path'] = weightsRoot;
    const inner = await create(device, toOnnx(graph, { rounded }), {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      graphOptimizationLevel: thrift.blocked ? 'all' : 'extended',
      logSeverityLevel: 3,
      enableCpuMemArena: thrift.arena,
      enableMemPattern: thrift.arena,
      // nested keys become dotted session-config entries in the binding
      extra: nest(entries),
      ...(threads ? { intraOpNumThreads: threads } : {}),
      ...(trace ? { enableProfiling: true, profileFilePrefix: trace } : {}),
    });
    return new Session(inner, new Map(graph.inputs.map((v) => [v.name, v])), device, options.onRelease);
  }

  /**
   * Runs once; outputs are new arrays, but for those that `into` has tensors for (float32): these are written over, and not
   * told. One may be an input's own where nothing reads that input after the output is computed.
   * @throws Error naming the input when one is missing, unknown or of the wrong size.
   */
  async run<Name extends string = string>(
    feeds: Readonly<Record<string, Feed>>,
    fetch?: readonly Name[],
    into: Readonly<Record<string, Feed>> = {},
  ): Promise<Record<Name, { shape: readonly number[]; data: Float32Array }>> {
    const inputs: Record<string, ort.Tensor> = {};
    for (const [name, { dtype, shape }] of this.types) {
      const tensor = feeds[name];
      if (!tensor) throw new Error(`run: input '${name}' is missing`);
      const fits =
        tensor.shape.length === shape.length &&
        shape.every((d, i) => typeof d === 'string' || d === tensor.shape[i]);
      if (!fits) throw new Error(`run: input '${name}' is [${tensor.shape}], not [${shape}]`);
      inputs[name] = bound(tensor, dtype);
    }
    const fetches = (fetch ?? this.inner.outputNames).map((name) => {
      const given = into[name];
      return [name, given ? bound(given, 'float32') : null] as const;
    });
    const results = await this.inner.run(inputs, Object.fromEntries(fetches));
    if (this.device !== 'cpu') {
      crossed.toDevice += bytesOnHost(Object.values(inputs));
      crossed.toHost += bytesOnHost(Object.values(results));
    }
    // what is written over is in somebody's hands: the binding's note of it on a GPU, and on the host its copy
    discard(Object.entries(results).flatMap(([name, t]) => (into[name] ? [t] : [])));
    const told = Object.entries(results).filter(([name]) => !into[name]);
    return Object.fromEntries(
      told.map(([name, t]) => [name, { shape: t.dims, data: t.data as Float32Array }]),
    ) as Record<Name, { shape: readonly number[]; data: Float32Array }>;
  }

  /** Frees the native session; further runs throw. */
  async release(): Promise<void> {
    await this.inner.release();
    this.onRelease?.();
  }
}

/** What ONNX Runtime is given of a tensor. */
const bound = (tensor: Feed, dtype: DType): ort.Tensor =>
  isResident(tensor)
    ? tensor.bound
    : new ort.Tensor(dtype as 'float32', tensor.data as Float32Array, [...tensor.shape]);

/** Frees tensors now, where the garbage collector would let hundreds of megabytes gather. */
function discard(tensors: readonly ort.Tensor[]): void {
  free(tensors.flatMap((t) => (t.location === 'cpu' ? [t.data as Float32Array] : [])));
  for (const t of tensors) if (t.location !== 'cpu') t.dispose();
}

const bytesOnHost = (tensors: readonly ort.Tensor[]): number =>
  tensors.reduce((sum, t) => sum + (t.location === 'cpu' ? (t.data as Float32Array).byteLength : 0), 0);

/** A device that does not answer is something the person can mend; a graph that does not load is a bug. */
async function create(
  device: Device,
  model: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, options);
  } catch (error) {
    const reason = (error as Error).message.replace(/^\/onnxruntime_src.*? was false\. /, '');
    if (device === 'cpu' || /\(Node|node_name|INVALID_GRAPH|Type Error/.test(reason)) throw error;
    throw new HostError(`${device} cannot be used here (${reason.split('\n')[0]}): try --device cpu`);
  }
}

/** { 'a.b': x } -> { a: { b: x } } */
function nest(entries: Record<string, string>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(entries)) {
    const path = key.split('.');
    const last = path.pop()!;
    let at = root;
    for (const part of path) {
      const inner = (at[part] as Record<string, unknown> | undefined) ?? {};
      at[part] = inner;
      at = inner;
    }
    at[last] = value;
  }
  return root;
}
