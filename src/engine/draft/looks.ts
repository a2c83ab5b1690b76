/**
 * Colours and light of an item, changed in CIELAB so that its shading and its texture stay: lightness goes through one
 * rising curve, hue is set or kept, and what no screen can show gives way in chroma, never in hue or lightness.
 */
import { writeLab } from '../segmentation/lab.js';
import type { Raster } from '../raster.js';
import { blurUnder } from './blur.js';
import type { Lab } from './colourNames.js';
import type { Look } from './lookWords.js';
import { chromaLimit, writeRgb } from './labToRgb.js';

/** Chroma below which a named colour is a grey, which has no hue to speak of. */
const GREY = 6;
/** Mean chroma of a thing without a colour of its own, and of one with: there what is grey (a pupil, a glint) stays so. */
const PLAIN = 8;
const COLOURFUL = 24;

/**
 * @param weights how much of each pixel takes the look, 0–255 (a matte's alpha)
 * @returns a new picture; pixels of weight 0 are the same bytes
 */
export function applyLook(picture: Raster, weights: Uint8Array, look: Look): Raster {
  if (look.kind === 'blur' || look.kind === 'sharpen') return focused(picture, weights, look);
  const change = changeOf(picture, weights, look);
  const data = new Uint8Array(picture.data);
  const lab = new Float32Array(3);
  const rgb = new Uint8Array(3);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    writeLab(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!, lab, 0);
    change(lab);
    writeRgb(lab[0]!, lab[1]!, lab[2]!, rgb, 0);
    for (let c = 0; c < 3; c++) {
      const old = data[i * 3 + c]!;
      data[i * 3 + c] = weight === 255 ? rgb[c]! : Math.round(old + ((rgb[c]! - old) * weight) / 255);
    }
  }
  return { width: picture.width, height: picture.height, data };
}

/** What becomes of a pixel's L*, a* and b*, in place. */
function changeOf(
  picture: Raster,
  weights: Uint8Array,
  look: Exclude<Look, { kind: 'blur' | 'sharpen' }>,
): (lab: Float32Array) => void {
  if (look.kind === 'colour') return coloured(picture, weights, look.colour);
  if (look.kind === 'contrast') return contrasted(statistics(picture, weights).median, look.amount);
  return shifted(look);
}

/** Lightness away from its median, or towards it; the median and the hue stay. */
function contrasted(median: number, amount: number): (lab: Float32Array) => void {
  const slope = 1 + 0.8 * amount;
  return (lab) => {
    lab[0] = softClip(median + slope * (lab[0]! - median));
    keepHue(lab);
  };
}

/** Lightness, warmth or saturation by an amount, in place; hue is kept unless warmth asks. */
function shifted(
  look: Exclude<Look, { kind: 'colour' | 'contrast' | 'blur' | 'sharpen' }>,
): (lab: Float32Array) => void {
  const { amount } = look;
  if (look.kind === 'light') {
    // a curve through black and white: the middle moves by 30 L* at most
    const gamma = 2 ** (-1.2 * amount);
    return (lab) => {
      lab[0] = 100 * (Math.max(0, lab[0]!) / 100) ** gamma;
      keepHue(lab);
    };
  }
  if (look.kind === 'warmth') {
    // whites stay nearly white: the shift follows how light the pixel is up to the middle
    return (lab) => {
      const share = Math.min(1, lab[0]! / 50);
      lab[1]! += 8 * amount * share;
      lab[2]! += 30 * amount * share;
      keepHue(lab);
    };
  }
  return (lab) => {
    const factor = amount > 0 ? 1 + 1.2 * amount : 1 + amount;
    lab[1]! *= factor;
    lab[2]! *= factor;
    keepHue(lab);
  };
}

/** Takes chroma away until the colour can be shown. */
function keepHue(lab: Float32Array): void {
  const chroma = Math.hypot(lab[1]!, lab[2]!);
  if (chroma < 1e-6) return;
  const limit = chromaLimit(lab[0]!, lab[1]! / chroma, lab[2]! / chroma);
  if (chroma <= limit) return;
  lab[1]! *= limit / chroma;
  lab[2]! *= limit / chroma;
}

/**
 * The item in another colour. Its median lightness goes most of the way to the colour's, contrast shrinks only where
 * it would leave the range, and chroma keeps part of the variation it had.
 */
function coloured(picture: Raster, weights: Uint8Array, colour: Lab): (lab: Float32Array) => void {
  const stats = statistics(picture, weights);
  const chroma = Math.hypot(colour.a, colour.b);
  const grey = chroma < GREY;
  const reach = grey ? 0.9 : 0.65;
  const middle = Math.min(92, Math.max(8, stats.median + reach * (colour.L - stats.median)));
  const slope = Math.min(
    middle < stats.median ? Math.max(0.35, middle / Math.max(1, stats.median)) : 1,
    (middle - 2) / Math.max(4, stats.median - stats.low),
    (99 - middle) / Math.max(4, stats.high - stats.median),
  );
  const lightness = (L: number): number => softClip(middle + Math.max(0.2, slope) * (L - stats.median));
  const [u, v] = grey ? [0, 0] : [colour.a / chroma, colour.b / chroma];
  const limits = Float32Array.from({ length: 1001 }, (_, k) => (grey ? 0 : chromaLimit(k / 10, u, v)));
  const colourful = Math.min(1, Math.max(0, (stats.chroma - PLAIN) / (COLOURFUL - PLAIN)));
  return (lab) => {
    const own = Math.min(1.2, Math.hypot(lab[1]!, lab[2]!) / Math.max(PLAIN, stats.chroma));
    const L = lightness(lab[0]!);
    // shadows hold less chroma than the colour itself, and so do highlights
    const share = Math.min(1, 0.35 + (0.65 * L) / Math.max(10, Math.min(colour.L, middle)));
    const wanted = chroma * share * (1 - colourful * 0.7 * (1 - own));
    const shown = Math.min(wanted, limits[Math.round(L * 10)]!);
    lab[0] = L;
    lab[1] = grey ? colour.a : u * shown;
    lab[2] = grey ? colour.b : v * shown;
  };
}

/** Rising everywhere, straight from 6 to 95, and never below 0 or above 100. */
function softClip(L: number): number {
  if (L < 6) return 6 * Math.exp((L - 6) / 6);
  if (L > 95) return 100 - 5 * Math.exp((95 - L) / 5);
  return L;
}

interface Statistics {
  readonly median: number;
  /** L* below and above which a fiftieth of the pixels lie. */
  readonly low: number;
  readonly high: number;
  /** Mean chroma. */
  readonly chroma: number;
}

/** Over at most about 50,000 pixels of the item. */
function statistics({ data }: Raster, weights: Uint8Array): Statistics {
  let count = 0;
  for (const weight of weights) if (weight >= 128) count++;
  const stride = Math.max(1, Math.floor(count / 50_000));
  const lights: number[] = [];
  const lab = new Float32Array(3);
  let chroma = 0;
  for (let i = 0, k = 0; i < weights.length; i++) {
    if (weights[i]! < 128 || k++ % stride > 0) continue;
    writeLab(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!, lab, 0);
    lights.push(lab[0]!);
    chroma += Math.hypot(lab[1]!, lab[2]!);
  }
  if (lights.length === 0) return { median: 50, low: 0, high: 100, chroma: 0 };
  lights.sort((p, q) => p - q);
  const at = (share: number): number => lights[Math.floor(share * (lights.length - 1))]!;
  return { median: at(0.5), low: at(0.02), high: at(0.98), chroma: chroma / lights.length };
}

/** Blurred, or with the difference to its blur added once more (an unsharp mask). */
function focused(picture: Raster, weights: Uint8Array, { kind, amount }: Look & { amount: number }): Raster {
  const side = Math.max(picture.width, picture.height);
  const sigma = kind === 'blur' ? Math.max(1.5, side * 0.02 * amount) : Math.max(0.8, side * 0.0012);
  const soft = blurUnder(picture, weights, sigma);
  const data = new Uint8Array(picture.data);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]! / 255;
    if (weight === 0) continue;
    for (let c = 0; c < 3; c++) {
      const old = data[i * 3 + c]!;
      const change = kind === 'blur' ? soft[i * 3 + c]! - old : 2 * amount * (old - soft[i * 3 + c]!);
      data[i * 3 + c] = Math.min(255, Math.max(0, Math.round(old + weight * change)));
    }
  }
  return { width: picture.width, height: picture.height, data };
}
