import { Graph, type GraphOptions, type Value } from '../graph/graph.js';
import { add, concat, less, mul, slice, sub, where } from '../graph/ops/index.js';
import type { Tensor } from '../runtime/tensor.js';
import type { Step } from './samplers/index.js';

export interface SamplingShape {
  /** Of the latents, [pictures, C, h, w]. */
  readonly shape: readonly number[];
  /** Of the denoiser: one a picture or, for guidance, all pictures untold and then all of them told. */
  readonly rows: number;
  /** Whether cells are frozen. */
  readonly freezes: boolean;
}

/**
 * Any step of any sampler, with classifier-free guidance (Ho & Salimans 2022).
 *
 * Inputs: the latents `x`, the clean ones `before` that the last step found, `fresh` noise, each [pictures, C, h, w]; the denoiser's
 * `answer` [rows, C, h, w]; numbers, scalars (see Numbers). Where cells freeze, besides: their `freedom` [1, 1, h, w], the
 * picture's own latents `original` [1, C, h, w], and the `noise` that the walk started from, of x's shape.
 *
 * Outputs: the latents `after` the step; the `clean` ones that it found; what the denoiser sees next, `seen` [rows, C, h, w].
 */
export function samplingGraph({ shape, rows, freezes }: SamplingShape, options: GraphOptions): Graph {
  const graph = new Graph(options);
  const [pictures, channels, height, width] = shape as [number, number, number, number];
  const latents = (name: string): Value => graph.input(name, shape);
  const number = (name: keyof Numbers): Value => graph.input(inputOf(name), []);

  const answer = graph.input('answer', [rows, channels, height, width]);
  const told = slice(answer, 0, rows - pictures, rows);
  const untold = slice(answer, 0, 0, pictures);
  const led = rows === pictures ? told : add(untold, mul(sub(told, untold), number('guidance')));

  const x = latents('x');
  const clean = add(mul(x, number('skip')), mul(led, number('out')));
  const known = add(mul(clean, number('clean')), mul(latents('before'), number('before')));
  let after = add(add(mul(x, number('x')), known), mul(latents('fresh'), number('fresh')));
  if (freezes) {
    const original = graph.input('original', [1, channels, height, width]);
    const frozen = add(mul(original, number('signal')), mul(latents('noise'), number('noise')));
    const freedom = graph.input('freedom', [1, 1, height, width]);
    after = where(less(number('bound'), freedom), after, frozen);
  }
  graph.output('after', after);
  graph.output('clean', clean);
  graph.output('seen', concat(Array<Value>(rows / pictures).fill(mul(after, number('in'))), 0));
  return graph;
}

/** What a step is in numbers (see Step). */
interface Numbers
  extends Required<Step['next']>, Readonly<Record<'skip' | 'out' | 'signal' | 'noise', number>> {
  readonly guidance: number;
  /** Cells of no more freedom are frozen after it. */
  readonly bound: number;
  /** How the denoiser sees the latents after it. */
  readonly in: number;
}

const inputOf = (number: keyof Numbers): string => `number:${number}`;

/**
 * A step's numbers under the names of the graph's inputs.
 * @param first whether none was taken before it
 */
export function numbersOf(
  { denoiser: { skip, out }, next, level }: Step,
  first: boolean,
  more: Pick<Numbers, 'guidance' | 'bound' | 'in'>,
): Record<string, Tensor> {
  const { x, clean, before = 0, fresh = 0 } = next;
  const known = first ? { clean: clean + before, before: 0 } : { clean, before };
  const numbers: Numbers = { skip, out, x, ...known, fresh, ...level, ...more };
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [
      inputOf(name as keyof Numbers),
      { shape: [], data: Float32Array.of(value as number) },
    ]),
  );
}
