/**
 * The ground: what lies all around a picture's rim and goes on behind the items. After the smooth field of light is
 * taken away, a colour is the ground's if it is seen all along the rim, or all over the picture: bricks and their
 * mortar, planks and their seams, tiles of two colours, grass and its blades. An object, even one that the rim cuts,
 * is seen at few places of the rim.
 */
import type { LabPicture } from '../lab.js';
import { withoutSmoothField } from './smoothField.js';

const RIM_SHARE = 0.06;
const RIM_PARTS = 28;
const GRID = 7;
/** Width of a colour bin in CIELAB units; two just noticeable differences. */
const BIN = 5;
const BINS = 64;
/** A part or cell of the picture shows a colour if this share of its pixels has it. */
const SHOWN = 0.012;
/** Share of the rim's parts, or of the picture's cells, that must show a ground colour. */
const ALONG_RIM = 0.3;
const ALL_OVER = 0.5;

/** 1 where a pixel's colour is the ground's: seen all along the rim or all over the picture. */
export function groundColours(picture: LabPicture): Uint8Array {
  const { width, height } = picture;
  const rim = rimParts(width, height);
  const rest = withoutSmoothField(picture, rim.chosen);
  const cells = cellOf(width, height);
  // Colours as they are find what does not follow the light: drawn tiles, stripes.
  const views = [rest, picture].map((view) => {
    const bins = binOf(view);
    const onRim = coverage(bins, rim.part, RIM_PARTS);
    const over = coverage(bins, cells, GRID * GRID);
    return (i: number) => onRim(bins[i]!) >= ALONG_RIM || over(bins[i]!) >= ALL_OVER;
  });
  return Uint8Array.from({ length: width * height }, (_, i) => (views.some((view) => view(i)) ? 1 : 0));
}

function rimParts(width: number, height: number): { chosen: Uint8Array; part: Int16Array } {
  const rim = Math.max(2, Math.round(Math.min(width, height) * RIM_SHARE));
  const chosen = new Uint8Array(width * height);
  const part = new Int16Array(width * height).fill(-1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (x >= rim && y >= rim && x < width - rim && y < height - rim) continue;
      const i = y * width + x;
      chosen[i] = 1;
      part[i] = Math.min(RIM_PARTS - 1, Math.floor(alongRim(x / width, y / height) * RIM_PARTS));
    }
  }
  return { chosen, part };
}

/** How far around the rim a place lies, 0 … 1, from the top left corner clockwise. */
function alongRim(x: number, y: number): number {
  const toTop = y;
  const toRight = 1 - x;
  const toBottom = 1 - y;
  const nearest = Math.min(toTop, toRight, toBottom, x);
  if (nearest === toTop) return x / 4;
  if (nearest === toRight) return (1 + y) / 4;
  if (nearest === toBottom) return (3 - x) / 4;
  return (4 - y) / 4;
}

function cellOf(width: number, height: number): Int16Array {
  return Int16Array.from({ length: width * height }, (_, i) => {
    const x = Math.floor(((i % width) * GRID) / width);
    const y = Math.floor((Math.floor(i / width) * GRID) / height);
    return y * GRID + x;
  });
}

function binOf(picture: LabPicture): Int32Array {
  const bins = new Int32Array(picture.width * picture.height);
  const bin = (value: number) => Math.min(BINS - 2, Math.max(1, Math.round(value / BIN) + BINS / 2));
  const { data } = picture;
  for (let i = 0; i < bins.length; i++) {
    bins[i] = (bin(data[i * 3]!) * BINS + bin(data[i * 3 + 1]!)) * BINS + bin(data[i * 3 + 2]!);
  }
  return bins;
}

/** For a colour bin the share of places (parts, cells) that show it or one of its direct neighbours. */
function coverage(bins: Int32Array, place: Int16Array, places: number): (bin: number) => number {
  const size = new Uint32Array(places);
  const counts = new Map<number, Uint16Array>();
  for (let i = 0; i < bins.length; i++) {
    const at = place[i]!;
    if (at < 0) continue;
    size[at]!++;
    let count = counts.get(bins[i]!);
    if (!count) {
      count = new Uint16Array(places);
      counts.set(bins[i]!, count);
    }
    count[at]!++;
  }
  const steps = [0, 1, -1, BINS, -BINS, BINS * BINS, -BINS * BINS];
  const known = new Map<number, number>();
  return (bin) => {
    let share = known.get(bin);
    if (share === undefined) {
      const near = steps.flatMap((step) => counts.get(bin + step) ?? []);
      let shown = 0;
      for (let at = 0; at < places; at++) {
        let sum = 0;
        for (const count of near) sum += count[at]!;
        if (sum >= Math.max(2, SHOWN * size[at]!)) shown++;
      }
      share = shown / places;
      known.set(bin, share);
    }
    return share;
  };
}
