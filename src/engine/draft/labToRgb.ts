/** CIELAB (D65) back to sRGB (IEC 61966-2-1), and what of it can be shown. */

/** sRGB (0–255) of linear light in 4,096 steps, and linear light of each of its 256 values. */
const STEPS = 4096;
const ENCODED = Float32Array.from({ length: STEPS + 2 }, (_, k) => {
  const v = Math.min(1, k / STEPS);
  return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
});
const LIGHT = Float64Array.from({ length: 256 }, (_, value) => {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

/** What each channel gives to lightness (sRGB's second row to XYZ). */
const [RED, GREEN, BLUE] = [0.2126729, 0.7151522, 0.072175];

/**
 * Writes 8-bit RGB, clipped to what can be shown. What rounding takes from lightness in one channel, the next, which counts
 * for less, gives back, by a level or two that nobody sees: each rounded by itself, pixels that were darker than their
 * neighbours would come out lighter where an item has little contrast.
 */
export function writeRgb(L: number, a: number, b: number, out: Uint8Array, at: number): void {
  const fy = (L + 16) / 116;
  const x = 0.95047 * cube(fy + a / 500);
  const y = cube(fy);
  const z = 1.08883 * cube(fy - b / 200);
  const bluish = 0.0556434 * x - 0.2040259 * y + 1.0572252 * z;
  const green = Math.round(encoded(-0.969266 * x + 1.8760108 * y + 0.041556 * z));
  const without = y - GREEN * LIGHT[green]!;
  const red = near(
    encoded((without - BLUE * Math.min(1, Math.max(0, bluish))) / RED),
    encoded(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
    1,
  );
  out[at] = red;
  out[at + 1] = green;
  out[at + 2] = near(encoded((without - RED * LIGHT[red]!) / BLUE), encoded(bluish), 2);
}

/** The whole level nearest to what is wanted, at most `by` from the exact one. */
const near = (wanted: number, exact: number, by: number): number =>
  Math.min(255, Math.max(0, Math.round(Math.min(exact + by, Math.max(exact - by, wanted)))));

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

function encoded(light: number): number {
  const at = light <= 0 ? 0 : light >= 1 ? STEPS : light * STEPS;
  const below = Math.floor(at);
  return ENCODED[below]! + (at - below) * (ENCODED[below + 1]! - ENCODED[below]!);
}

function cube(f: number): number {
  return f > 6 / 29 ? f * f * f : (f - 16 / 116) / 7.787;
}
