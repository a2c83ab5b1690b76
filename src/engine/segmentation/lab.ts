/** The working picture: at most SIDE pixels on its longest side, in CIELAB (D65), where distance is what people see. */
import type { Raster } from '../raster.js';

export const SIDE = 256;

export interface LabPicture {
  readonly width: number;
  readonly height: number;
  /** L (0 … 100), a, b for every pixel: `data[(y * width + x) * 3 + channel]`. */
  readonly data: Float32Array;
}

/** Averages over areas in sRGB and converts. */
export function toLab(picture: Raster): LabPicture {
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * picture.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * picture.height) / height));
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * picture.width) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * picture.width) / width));
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let py = top; py < bottom; py++) {
        for (let i = (py * picture.width + left) * 3; i < (py * picture.width + right) * 3; i += 3) {
          red += picture.data[i]!;
          green += picture.data[i + 1]!;
          blue += picture.data[i + 2]!;
        }
      }
      const count = (bottom - top) * (right - left);
      writeLab(red / count, green / count, blue / count, data, (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** sRGB (IEC 61966-2-1) to CIELAB with the D65 white. */
export function writeLab(red: number, green: number, blue: number, out: Float32Array, at: number): void {
  const r = linear(red);
  const g = linear(green);
  const b = linear(blue);
  const x = cubeRoot((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = cubeRoot(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = cubeRoot((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  out[at] = 116 * y - 16;
  out[at + 1] = 500 * (x - y);
  out[at + 2] = 200 * (y - z);
}

const LINEAR = Float64Array.from({ length: 256 }, (_, value) => {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

function linear(value: number): number {
  const low = Math.floor(value);
  const high = Math.min(255, low + 1);
  return LINEAR[low]! + (value - low) * (LINEAR[high]! - LINEAR[low]!);
}

function cubeRoot(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}
