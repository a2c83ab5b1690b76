import * as ort from 'onnxruntime-node';
import { HostError } from '../errors.js';
import type { Tensor } from './session.js';

/** A model as others have exported it, on the CPU: graphs that are not ours. */
export class OnnxFile {
  private constructor(
    private readonly inner: ort.InferenceSession,
    private readonly path: string,
  ) {}

  /** @throws HostError when the file is no model that ONNX Runtime reads */
  static async open(path: string, threads?: number): Promise<OnnxFile> {
    try {
      const inner = await ort.InferenceSession.create(path, {
        executionProviders: ['cpu'],
        logSeverityLevel: 3,
        // what a run held goes back to the system: between two pictures others need it
        enableCpuMemArena: false,
        ...(threads ? { intraOpNumThreads: threads } : {}),
      });
      return new OnnxFile(inner, path);
    } catch (error) {
      throw new HostError(
        `${path} cannot be read (${(error as Error).message.split('\n')[0]}): download it again`,
      );
    }
  }

  get inputs(): readonly string[] {
    return this.inner.inputNames;
  }

  get outputs(): readonly string[] {
    return this.inner.outputNames;
  }

  /**
   * Runs once.
   * @throws HostError when the model does not take what it is given: it is of another kind than its config says
   */
  async run<Name extends string>(
    feeds: Readonly<Record<string, Tensor>>,
    fetch: readonly Name[],
  ): Promise<Record<Name, { shape: readonly number[]; data: Float32Array }>> {
    const inputs = Object.entries(feeds).map(([name, { shape, data }]) => {
      const type = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64';
      return [name, new ort.Tensor(type as 'float32', data as Float32Array, [...shape])] as const;
    });
    try {
      const results = await this.inner.run(Object.fromEntries(inputs), [...fetch]);
      return Object.fromEntries(
        fetch.map((name) => {
          const { dims, data } = results[name]!;
          return [name, { shape: dims, data: data as Float32Array }] as const;
        }),
      ) as Record<Name, { shape: readonly number[]; data: Float32Array }>;
    } catch (error) {
      throw new HostError(
        `${this.path} cannot be run (${(error as Error).message.split('\n')[0]}): it is another model than its config.json says`,
      );
    }
  }
}
