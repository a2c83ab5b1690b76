import type * as ort from 'onnxruntime-node';

/** A tensor on the host: row-major data and its shape. Ids are int32 or int64 as the graph's input says. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

/** What can stay there. */
export type Residing = Float32Array | Int32Array;

/**
 * A tensor that stays where sessions compute with it, from one run to the next: fed to runs, and written over by those that
 * are given it for an output. Whoever keeps one lets go of it.
 */
export interface Resident<T extends Residing = Float32Array> {
  readonly shape: readonly number[];
  /** As ONNX Runtime knows it. */
  readonly bound: ort.Tensor;
  /** Its values; from a GPU they are brought for this, on the host they are the array that further runs write over. */
  read(): Promise<T>;
  /** Gives its memory back; further runs with it throw. */
  release(): void;
}

/** What a run may be fed. */
export type Feed = Tensor | Resident<Residing>;

export const isResident = (feed: Feed): feed is Resident<Residing> => 'bound' in feed;
