/** IEEE 754 binary16, as Uint16Array: Node has no type for it before 24. */

/** What float values are: float32, or binary16 wherever that is enough. */
export type Precision = 'full' | 'half';

/** The number that a half is. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** Every half: a UNet has 10⁹ of them, and a table in a plain loop takes 4 ns each where Float32Array.from takes 120. */
const HALVES = Float32Array.from({ length: 1 << 16 }, (_, half) => halfToFloat(half));

export function halvesToFloats(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < out.length; i++) out[i] = HALVES[halves[i]!]!;
  return out;
}

/** The nearest halves, of two as near the even one: what is above 65504 becomes infinite, what is below 2⁻²⁵ zero. */
export function floatsToHalves(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const out = new Uint16Array(floats.length);
  for (let i = 0; i < out.length; i++) out[i] = nearestHalf(bits[i]!);
  return out;
}

/** @param bits of a float32: one of sign, eight of exponent, 23 of fraction */
function nearestHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) return sign | 0x7e00; // NaN
  if (rest >= 0x47800000) return sign | 0x7c00; // 65536 and more
  // the exponent counts from 15 in place of 127, and 13 bits of the fraction go: half of the last, or its odd bit, rounds up
  if (rest >= 0x38800000) return sign | ((rest - 0x38000000 + 0xfff + ((rest >>> 13) & 1)) >>> 13);
  // below 2⁻¹⁴ halves lie 2⁻²⁴ apart: as many of these as the fraction, with its leading one, has
  const shift = 126 - (rest >>> 23);
  if (shift > 24) return sign;
  const fraction = (rest & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const [over, middle] = [fraction & ((1 << shift) - 1), 1 << (shift - 1)];
  return sign | (kept + Number(over > middle || (over === middle && (kept & 1) === 1)));
}
