/** CIELAB (D65) back to sRGB (IEC 61966-2-1), and what of it can be shown. */

/** sRGB of linear light in 4,096 steps: finer than 8 bits need from L* = 1 on. */
const STEPS = 4096;
const ENCODED = Uint8Array.from({ length: STEPS + 1 }, (_, k) => {
  const v = k / STEPS;
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
});

/** Writes 8-bit RGB, clipped to what can be shown. */
export function writeRgb(L: number, a: number, b: number, out: Uint8Array, at: number): void {
  const fy = (L + 16) / 116;
  const x = 0.95047 * cube(fy + a / 500);
  const y = cube(fy);
  const z = 1.08883 * cube(fy - b / 200);
  out[at] = encode(3.2404542 * x - 1.5371385 * y - 0.4985314 * z);
  out[at + 1] = encode(-0.969266 * x + 1.8760108 * y + 0.041556 * z);
  out[at + 2] = encode(0.0556434 * x - 0.2040259 * y + 1.0572252 * z);
}

/** The largest chroma that can be shown at a lightness in the direction (u, v) of the a*b* plane, to 0.3. */
export function chromaLimit(L: number, u: number, v: number): number {
  let low = 0;
  let high = 140;
  for (let i = 0; i < 9; i++) {
    const middle = (low + high) / 2;
    if (isShown(L, u * middle, v * middle)) low = middle;
    else high = middle;
  }
  return low;
}

function isShown(L: number, a: number, b: number): boolean {
  const fy = (L + 16) / 116;
  const x = 0.95047 * cube(fy + a / 500);
  const y = cube(fy);
  const z = 1.08883 * cube(fy - b / 200);
  const slack = 1e-4;
  const within = (light: number): boolean => light >= -slack && light <= 1 + slack;
  return (
    within(3.2404542 * x - 1.5371385 * y - 0.4985314 * z) &&
    within(-0.969266 * x + 1.8760108 * y + 0.041556 * z) &&
    within(0.0556434 * x - 0.2040259 * y + 1.0572252 * z)
  );
}

function encode(light: number): number {
  return ENCODED[light <= 0 ? 0 : light >= 1 ? STEPS : Math.round(light * STEPS)]!;
}

function cube(f: number): number {
  return f > 6 / 29 ? f * f * f : (f - 16 / 116) / 7.787;
}
