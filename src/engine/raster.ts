/** An 8-bit RGB picture in memory, row by row: `data[(y * width + x) * 3 + channel]`, values 0–255 (sRGB). */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One bit a pixel, stored as a byte: 1 inside, 0 outside; `data[y * width + x]`. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Every pixel's item, 0-based: `data[y * width + x]` is the label. Items are disjoint and cover the picture,
 * as D-Edit's masks must (arXiv 2403.04880, section 3.1).
 */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
