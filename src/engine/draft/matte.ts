/**
 * Soft edges of an item and its colours without the old ground's. Only a band along the outline is computed, so that
 * the work grows with the outline's length and not with the picture.
 *
 * Along the outline a pixel is I = αF + (1 − α)B (T. Porter, T. Duff, "Compositing Digital Images", SIGGRAPH 1984). F
 * and B are taken from the sure pixels on either side, α from the projection on the line between them (Y.-Y. Chuang
 * et al., "A Bayesian Approach to Digital Matting", CVPR 2001, equation 10 for point-like colours). What lies off that line is
 * no mix of the two (a joint between planks): the farther off, the less its colour tells (J. Wang, M. Cohen, "Optimized Color
 * Sampling for Robust Matting", CVPR 2007), and the outline decides.
 */
import { UserError } from '../errors.js';
import { type Box, boundsOf, grownBox, requireSameSize } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { cropLabels, cropRaster } from '../compositing/resize.js';
import type { Cutout } from './cutout.js';
import { bandOf, type EdgeBand, edgeBand } from './edgeBand.js';

export interface MatteOptions {
  /** Half the width of the band along the outline, in pixels; otherwise by the picture's size. */
  readonly band?: number;
}

/** Colours closer than this (of 255) on both sides tell nothing about α: there the outline itself decides. */
const APART = 24;

/** So far off the line between F and B, in its lengths, a colour counts half; chosen on things of seed 7001 (bench/mattes). */
const OFF_THE_LINE = 0.4;

/** So many steps from the outline to the band's far side. */
const SAMPLED = 4;

/** What is cut out of a picture along its outline, with hard edges; arrays may be shared by threads. */
export interface Cut {
  readonly box: Box;
  readonly band: number;
  /** 1 inside, [box.height * box.width]. */
  readonly inside: Uint8Array;
  /** The picture's, [box.height * box.width * 3]; softened in place. */
  readonly colours: Uint8Array;
  /** 0–255; softened in place. */
  readonly alpha: Uint8Array;
}

/** @throws UserError when the mask is empty */
export function matte(picture: Raster, mask: Mask, options: MatteOptions = {}): Cutout {
  const cut = cutAlong(picture, mask, options);
  soften(cut);
  return cutoutFrom(cut);
}

export const cutoutFrom = ({ box, colours, alpha }: Cut): Cutout => ({
  box,
  foreground: { width: box.width, height: box.height, data: colours },
  alpha,
});

/** @throws UserError when the mask is empty */
export function cutAlong(picture: Raster, mask: Mask, { band = bandOf(picture) }: MatteOptions = {}): Cut {
  requireSameSize(picture, mask);
  const bounds = boundsOf(mask);
  if (!bounds) throw new UserError('there is nothing to cut out: choose an item that has pixels');
  const box = grownBox(bounds, band + 1, picture);
  const inside = cropLabels(mask, box).data;
  const alpha = new Uint8Array(inside.length);
  for (let i = 0; i < alpha.length; i++) alpha[i] = inside[i]! * 255;
  return { box, band, inside, colours: cropRaster(picture, box).data, alpha };
}

/** Works the edges out. */
export function soften(cut: Cut): void {
  const { width, height } = cut.box;
  const edge = edgeBand({ width, height, data: cut.inside }, { left: 0, top: 0, width, height }, cut.band);
  for (let p = 0; p < edge.unsure.length; p++) if (edge.unsure[p]) unmix(p, cut, edge);
}

/** Writes one pixel's α and its colour without the ground's; of the others it reads only sure ones, which none writes. */
function unmix(
  p: number,
  { box: { width, height }, inside, colours, alpha }: Cut,
  { outline, unsure, radius }: EdgeBand,
): void {
  // of a wide band every second or third pixel tells enough
  const step = Math.max(1, Math.floor(radius / SAMPLED));
  const reach = Math.ceil((radius + 2) / step) * step;
  const px = p % width;
  const py = Math.floor(p / width);
  const sums = [0, 0, 0, 0, 0, 0];
  let inner = 0;
  let outer = 0;
  for (let y = py - reach; y <= py + reach; y += step) {
    if (y < 0 || y >= height) continue;
    for (let x = px - reach; x <= px + reach; x += step) {
      const q = y * width + x;
      if (x < 0 || x >= width || unsure[q]) continue;
      const weight = 1 / (1 + (x - px) ** 2 + (y - py) ** 2);
      const at = inside[q] ? 0 : 3;
      if (at === 0) inner += weight;
      else outer += weight;
      for (let c = 0; c < 3; c++) sums[at + c]! += weight * colours[q * 3 + c]!;
    }
  }
  // the outline as a ramp one pixel wide, for where colours do not tell
  const ramp = outline[p] ? (inside[p] ? 0.75 : 0.25) : inside[p]!;
  if (inner === 0 || outer === 0) {
    alpha[p] = Math.round(255 * (inner === 0 && outer === 0 ? ramp : inside[p]!));
    return;
  }
  let dot = 0;
  let square = 0;
  let apart = 0;
  for (let c = 0; c < 3; c++) {
    const back = sums[3 + c]! / outer;
    const line = sums[c]! / inner - back;
    const own = colours[p * 3 + c]! - back;
    dot += own * line;
    square += line * line;
    apart += own * own;
  }
  const mixed = Math.min(1, Math.max(0, dot / Math.max(1, square)));
  const off = Math.max(0, apart - 2 * mixed * dot + mixed * mixed * square);
  const told =
    square / (square + APART * APART) / (1 + off / (OFF_THE_LINE * OFF_THE_LINE * Math.max(1, square)));
  const share = told * mixed + (1 - told) * ramp;
  alpha[p] = Math.round(255 * share);
  for (let c = 0; c < 3; c++) {
    const fore = sums[c]! / inner;
    const back = sums[3 + c]! / outer;
    const own = share > 0.1 ? (colours[p * 3 + c]! - (1 - share) * back) / share : fore;
    colours[p * 3 + c] = Math.round(Math.min(255, Math.max(0, share * own + (1 - share) * fore)));
  }
}
