/** The picture cut into numbered items, as people see it in the thread. */
import sharp from 'sharp';
import { smoothBorders } from '../masks/borders.js';
import { requireSameSize } from '../masks/mask.js';
import type { LabelMap, Raster } from '../raster.js';
import { badgeSvg } from './badgeSvg.js';
import { placeBadges } from './badges.js';
import { drawItems, resizeLabels } from './contours.js';
import { drawLegend } from './legend.js';
import { itemColour } from './palette.js';
import { resizeRaster } from './resize.js';

/** Longest side of the picture in the overlay: small ones grow so that numbers are readable, large ones shrink. */
const MIN_SIDE = 512;
const MAX_SIDE = 1600;
/** Below this width a legend has no room for names. */
const MIN_WIDTH = 240;
const MIN_RADIUS = 13;
const MAX_SMOOTHING = 6;

/**
 * Outlines, tints, numbers (counted from 1) and a legend. The picture part is the picture scaled to a longest side
 * between MIN_SIDE and MAX_SIDE; the legend adds height below it.
 * @param letter stands before the numbers: that of a reference picture
 */
export async function drawOverlay(
  picture: Raster,
  labels: LabelMap,
  items: readonly { readonly name: string }[],
  letter = '',
): Promise<Raster> {
  requireSameSize(picture, labels);
  const { width, height } = overlaySize(picture);
  const longest = Math.max(width, height);
  const scaled = await resizeRaster(picture, width, height);
  const canvas: Raster = { width, height, data: new Uint8Array(scaled.data) };
  const grown = width / picture.width;
  const resized = resizeLabels(labels, width, height);
  // The steps of a small picture's pixels would show as teeth.
  const map = grown > 1 ? smoothBorders(resized, Math.min(MAX_SMOOTHING, Math.round(grown * 0.75))) : resized;
  drawItems(canvas, map, Math.max(2.2, longest / 300));

  const radius = Math.max(MIN_RADIUS, longest * 0.026);
  const names = items.map(({ name }) => name);
  const legendWidth = Math.max(width, MIN_WIDTH);
  const legend = drawLegend(names, legendWidth, height, Math.max(13, longest * 0.024), letter);
  const left = Math.floor((legendWidth - width) / 2);
  let marks = '';
  for (const { item, centre, leadsTo } of placeBadges(map, items.length, radius)) {
    const at = { x: centre.x + left + 0.5, y: centre.y + 0.5 };
    if (leadsTo) {
      const line = `x1="${at.x}" y1="${at.y}" x2="${leadsTo.x + left + 0.5}" y2="${leadsTo.y + 0.5}"`;
      marks += `<line ${line} stroke="#16181d" stroke-width="${radius * 0.34}" stroke-linecap="round"/>`;
      marks += `<line ${line} stroke="#ffffff" stroke-width="${radius * 0.16}" stroke-linecap="round"/>`;
    }
    marks += badgeSvg(at, radius, `${letter}${item + 1}`, itemColour(item));
  }
  const size = { width: legendWidth, height: height + legend.height };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${legend.svg}${marks}</svg>`;
  const data = await sharp(canvas.data, { raw: { width, height, channels: 3 } })
    .extend({ left, right: legendWidth - width - left, bottom: legend.height, background: '#16181d' })
    .composite([{ input: Buffer.from(svg), left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { ...size, data };
}

function overlaySize({ width, height }: { width: number; height: number }): {
  width: number;
  height: number;
} {
  const longest = Math.max(width, height);
  const scale = longest < MIN_SIDE ? Math.ceil(MIN_SIDE / longest) : Math.min(1, MAX_SIDE / longest);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
