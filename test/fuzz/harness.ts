import { FAILED } from './failed.js';

/** Seconds for each target: one in CI, more by `npm run fuzz`. */
const SECONDS = Number(process.env.DEDIT_FUZZ_SECONDS ?? 1);
/** The first seed of a run; the long run goes on where CI ends, so that both see something of their own. */
const SEED = Number(process.env.DEDIT_FUZZ_SEED ?? 20261124);

/** A whole number from 0, below. */
export type Random = (below: number) => number;

/** Mulberry32 (Tommy Ettinger, 2017): neighbouring seeds have nothing in common. */
export function generator(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export const oneOf = <T>(random: Random, among: readonly T[]): T => among[random(among.length)]!;

/**
 * Tries until the time is up: first the seeds that failed once (failed.ts), then new ones. What fails names its seed:
 * `DEDIT_FUZZ_SEED=…` tries that first, and it goes into the list with what was wrong.
 * @throws Error with a seed for each place where it failed
 */
export async function fuzz(
  target: keyof typeof FAILED,
  attempt: (random: Random) => Promise<void> | void,
): Promise<void> {
  const known: readonly number[] = FAILED[target];
  const failures = new Map<string, string>();
  const end = performance.now() + SECONDS * 1000;
  let runs = 0;
  for (; runs <= known.length || performance.now() < end; runs++) {
    const seed = known[runs] ?? SEED + runs - known.length;
    try {
      await attempt(generator(seed));
    } catch (error) {
      const { message, stack = '' } = error as Error;
      const at = stack.slice(stack.indexOf('\n    at ') + 1).split('\n', 4);
      const where = at.join('\n');
      if (!failures.has(where)) failures.set(where, `DEDIT_FUZZ_SEED=${seed} ${message}\n${where}`);
    }
  }
  console.log(`${target}: ${runs} tries`);
  if (failures.size > 0) throw new Error(`${target}:\n${[...failures.values()].join('\n')}`);
}

/** Some bytes changed, cut out, doubled or cut off. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let made = Buffer.from(bytes);
  for (let times = 1 + random(8); times > 0 && made.length > 0; times--) {
    const at = random(made.length);
    const length = Math.min(random(64), made.length - at);
    const kind = random(4);
    if (kind === 0) made[at] = random(256);
    else if (kind === 1) made = Buffer.concat([made.subarray(0, at), made.subarray(at + length)]);
    else if (kind === 2) made = Buffer.concat([made.subarray(0, at + length), made.subarray(at)]);
    else made = made.subarray(0, at);
  }
  return made;
}

/** What nobody expects in the place of anything else. */
const ODD: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 2, 7, 0.5, 1e9, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308],
  ...['', ' ', '0', 'null', '__proto__', 'constructor', '\0', '\ud800', '../../etc/passwd', '<script>'],
  ...['x'.repeat(5000), '🙏'.repeat(400), [], [[]], [null], {}, { toString: 1 }, { length: 1e9 }],
];

/** A JSON value with a few of its parts gone, odd, elsewhere, or twice. */
export function mutateJson(value: unknown, random: Random, times = 1 + random(3)): unknown {
  const root = { it: structuredClone(value) };
  for (; times > 0; times--) {
    const [holder, key] = oneOf(random, places(root).slice(root.it === undefined ? 0 : 1)) ?? [root, 'it'];
    const kind = random(6);
    if (kind === 0) delete (holder as Record<string, unknown>)[key];
    else if (kind === 1) {
      const [other, at] = oneOf(random, places(root));
      (holder as Record<string, unknown>)[key] = structuredClone((other as Record<string, unknown>)[at]);
    } else if (kind === 2 && Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
    else (holder as Record<string, unknown>)[key] = structuredClone(oneOf(random, ODD));
  }
  return root.it;
}

/** Every part of a JSON value, as what holds it and the key there. */
function places(value: object): [holder: object, key: string][] {
  return Object.entries(value).flatMap(([key, part]): [object, string][] => [
    [value, key],
    ...(typeof part === 'object' && part !== null ? places(part as object) : []),
  ]);
}

/**
 * What would end the process: exceptions and rejections that nobody catches. Rejections within a platform's own client
 * count for nothing, since the program outlives those (app/service.ts).
 */
export class OwnFailures {
  readonly #found: unknown[] = [];
  readonly #note = (error: unknown, origin: string): void => {
    const lines = String((error as Error | undefined)?.stack).split('\n');
    const ours = lines.some((line) => line.includes('/src/') && !line.includes('node_modules'));
    if (ours || origin === 'uncaughtException') this.#found.push(error);
  };

  constructor() {
    process.on('uncaughtException', this.#note).on('unhandledRejection', this.#rejected);
  }

  readonly #rejected = (error: unknown): void => this.#note(error, 'unhandledRejection');

  /** @throws Error naming what failed since the last time, and what came before it */
  check(after: string): void {
    for (const error of this.#found.splice(0))
      throw new Error(`${String((error as Error | undefined)?.stack)}\nafter ${after}`, { cause: error });
  }

  close(): void {
    process.off('uncaughtException', this.#note).off('unhandledRejection', this.#rejected);
  }
}
