/**
 * Standard normal numbers from a seed, the same on any machine: sfc32 (Chris Doty-Humphrey, PractRand) and the
 * Box–Muller transform. Several seeds (session, stage, step) make independent streams, so nothing has to be stored
 * to go on after an interruption.
 */
export function gaussians(length: number, ...seeds: readonly number[]): Float32Array {
  const next = sfc32(seeds);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    out[i] = radius * Math.cos(angle);
    if (i + 1 < length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** Uniform integers 0 … limit − 1 from a seed. */
export function integers(length: number, limit: number, ...seeds: readonly number[]): number[] {
  const next = sfc32(seeds);
  return Array.from({ length }, () => Math.floor(next() * limit));
}

function sfc32(seeds: readonly number[]): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const step = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (const seed of seeds) {
    a ^= seed | 0;
    b ^= Math.trunc(seed / 2 ** 32) | 0;
    for (let i = 0; i < 12; i++) step();
  }
  return () => step() / 2 ** 32;
}
