/**
 * Whether two neighbouring regions are parts of one thing: a small network of three layers, fitted on outlines that
 * people drew and on drawn scenes (training/judge/README.md).
 */
import { readHeader, readTensor } from '../../checkpoint/safetensors.js';
import { JUDGE_WEIGHTS } from '../weights.js';

/** Standardised features beyond this many deviations tell nothing more. */
const FAR = 5;

interface Layer {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export class Judge {
  static #only: Judge | undefined;

  private constructor(
    private readonly mean: Float32Array,
    private readonly scale: Float32Array,
    private readonly layers: readonly Layer[],
  ) {}

  /** The judge of checkpoints/judge, read once. */
  static get(): Judge {
    return (Judge.#only ??= Judge.#read());
  }

  static #read(): Judge {
    const stored = readHeader(JUDGE_WEIGHTS);
    const tensor = (name: string): Float32Array => readTensor(stored.get(name)!);
    const layers = [0, 1, 2].map((k) => ({
      weight: tensor(`layers.${k}.weight`),
      bias: tensor(`layers.${k}.bias`),
    }));
    return new Judge(tensor('mean'), tensor('scale'), layers);
  }

  /** How many features it wants to see. */
  get features(): number {
    return this.mean.length;
  }

  /** @param pair what `describePair` says -> the probability that both are one thing */
  probability(pair: Float32Array): number {
    let values = pair.map((value, k) =>
      Math.min(FAR, Math.max(-FAR, (value - this.mean[k]!) * this.scale[k]!)),
    );
    this.layers.forEach(({ weight, bias }, n) => {
      const last = n === this.layers.length - 1;
      const next = new Float32Array(bias.length);
      for (let out = 0, w = 0; out < next.length; out++) {
        let sum = bias[out]!;
        for (let k = 0; k < values.length; k++) sum += weight[w++]! * values[k]!;
        next[out] = last ? sum : Math.max(0, sum);
      }
      values = next;
    });
    return 1 / (1 + Math.exp(-values[0]!));
  }
}
