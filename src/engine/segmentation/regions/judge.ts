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
  /** What goes into each layer, and what comes out of the last: thousands of pairs are judged in a picture. */
  readonly #inputs: readonly Float32Array[];

  private constructor(
    private readonly mean: Float32Array,
    private readonly scale: Float32Array,
    private readonly layers: readonly Layer[],
  ) {
    this.#inputs = [mean, ...layers.map(({ bias }) => bias)].map(({ length }) => new Float32Array(length));
  }

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
    const { mean, scale, layers } = this;
    const standard = this.#inputs[0]!;
    for (let k = 0; k < standard.length; k++)
      standard[k] = Math.min(FAR, Math.max(-FAR, (pair[k]! - mean[k]!) * scale[k]!));
    layers.forEach((layer, n) => {
      const next = this.#inputs[n + 1]!;
      affine(layer, this.#inputs[n]!, next);
      if (n < layers.length - 1) for (let k = 0; k < next.length; k++) next[k] = Math.max(0, next[k]!);
    });
    return 1 / (1 + Math.exp(-this.#inputs[layers.length]![0]!));
  }
}

/** out = weight · values + bias. Eight sums at once: each adds the same terms in the same order as it would alone. */
function affine({ weight, bias }: Layer, values: Float32Array, out: Float32Array): void {
  const [width, height] = [values.length, out.length];
  let row = 0;
  for (; row + 7 < height; row += 8) {
    let [a, b, c, d] = [bias[row]!, bias[row + 1]!, bias[row + 2]!, bias[row + 3]!];
    let [e, f, g, h] = [bias[row + 4]!, bias[row + 5]!, bias[row + 6]!, bias[row + 7]!];
    for (let k = 0, w = row * width; k < width; k++, w++) {
      const value = values[k]!;
      a += weight[w]! * value;
      b += weight[w + width]! * value;
      c += weight[w + 2 * width]! * value;
      d += weight[w + 3 * width]! * value;
      e += weight[w + 4 * width]! * value;
      f += weight[w + 5 * width]! * value;
      g += weight[w + 6 * width]! * value;
      h += weight[w + 7 * width]! * value;
    }
    out[row] = a;
    out[row + 1] = b;
    out[row + 2] = c;
    out[row + 3] = d;
    out[row + 4] = e;
    out[row + 5] = f;
    out[row + 6] = g;
    out[row + 7] = h;
  }
  for (; row < height; row++) {
    let sum = bias[row]!;
    for (let k = 0, w = row * width; k < width; k++, w++) sum += weight[w]! * values[k]!;
    out[row] = sum;
  }
}
