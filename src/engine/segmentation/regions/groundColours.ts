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
  const ground = new Uint8Array(width * height);
  // Colours as they are find what does not follow the light: drawn tiles, stripes.
  for (const view of [rest, picture]) {
    const colours = coloursOf(view);
    const onRim = coverage(colours, rim.part, RIM_PARTS);
    const over = coverage(colours, cells, GRID * GRID);
    for (let i = 0; i < ground.length; i++) {
      const colour = colours.of[i]!;
      if (onRim[colour]! >= ALONG_RIM || over[colour]! >= ALL_OVER) ground[i] = 1;
    }
  }
  return ground;
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
  const cells = new Int16Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor((y * GRID) / height) * GRID;
    for (let x = 0; x < width; x++, i++) cells[i] = row + Math.floor((x * GRID) / width);
  }
  return cells;
}

interface Colours {
  /** Of every pixel the number of its colour. */
  readonly of: Int32Array;
  /** Of each colour that occurs its bin. */
  readonly bins: readonly number[];
  /** Of each bin the number of its colour, -1 where it does not occur. */
  readonly numbers: Int32Array;
}

function coloursOf({ width, height, data }: LabPicture): Colours {
  const of = new Int32Array(width * height);
  const bins: number[] = [];
  const numbers = new Int32Array(BINS ** 3).fill(-1);
  for (let i = 0; i < of.length; i++) {
    const bin = (binOf(data[i * 3]!) * BINS + binOf(data[i * 3 + 1]!)) * BINS + binOf(data[i * 3 + 2]!);
    if (numbers[bin]! < 0) numbers[bin] = bins.push(bin) - 1;
    of[i] = numbers[bin]!;
  }
  return { of, bins, numbers };
}

/** The outermost bins stay empty: every colour's neighbours are bins. */
const binOf = (value: number): number => Math.min(BINS - 2, Math.max(1, Math.round(value / BIN) + BINS / 2));

/** For each colour the share of places (parts, cells) that show it or one of its direct neighbours. */
function coverage({ of, bins, numbers }: Colours, place: Int16Array, places: number): Float64Array {
  const size = new Uint32Array(places);
  const counts = new Uint16Array(bins.length * places);
  for (let i = 0; i < of.length; i++) {
    const at = place[i]!;
    if (at < 0) continue;
    size[at]!++;
    counts[of[i]! * places + at]!++;
  }
  const steps = [0, 1, -1, BINS, -BINS, BINS * BINS, -BINS * BINS];
  const sums = new Uint32Array(places);
  return Float64Array.from(bins, (bin) => {
    sums.fill(0);
    for (const step of steps) {
      const near = numbers[bin + step]!;
      if (near >= 0) for (let at = 0; at < places; at++) sums[at]! += counts[near * places + at]!;
    }
    let shown = 0;
    for (let at = 0; at < places; at++) if (sums[at]! >= Math.max(2, SHOWN * size[at]!)) shown++;
    return shown / places;
  });
}
