import { HostError } from '../errors.js';

/** Name of the graph input that the loss is multiplied by before it is derived: in float32 its share in an update. */
export const LOSS_SCALE = 'loss_scale';

/** Name of what is no number where a gradient is none: gradients themselves need not come to the host. */
export const GRADIENT_NORM = 'gradient_norm';

/** Where PyTorch's GradScaler begins: far above what halves bear, it is found out in a few steps. */
const FIRST = 2 ** 16;

/** What a step tells: the loss as it is, and the square of the norm of what is derived from the scaled one. */
export type Derived = Readonly<Record<string, { readonly data: Float32Array }>>;

/**
 * Loss scaling (Micikevicius et al. 2018, arXiv 1710.03740, section 3.2): gradients in halves are of a loss so large that few
 * of them vanish below 2⁻²⁴, and what is made of them in float32 is divided by the same. A step whose gradients overflow is
 * taken again at half the scale, and not skipped as PyTorch does: of a stage's hundred updates none is to spare. It never
 * grows again; PyTorch's does after 2,000 updates.
 */
export class LossScale {
  #value: number;

  constructor(value = FIRST) {
    this.#value = value;
  }

  get value(): number {
    return this.#value;
  }

  /**
   * Runs a step as often as it takes.
   * @param run given the scale
   * @throws HostError when halves do not hold the step however small its gradients
   */
  async derive(run: (scale: number) => Promise<Derived>): Promise<Derived> {
    for (;;) {
      const derived = await run(this.#value);
      if (Number.isFinite(derived[GRADIENT_NORM]!.data[0])) return derived;
      if (!Number.isFinite(derived.loss!.data[0]) || this.#value <= 1)
        throw new HostError(
          'learning leaves the range of half precision with this checkpoint: compute with --precision full (PRECISION)',
        );
      this.#value /= 2;
    }
  }
}
