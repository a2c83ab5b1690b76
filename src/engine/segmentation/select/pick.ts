/**
 * "This is one thing": a mask from a point, a box or strokes. A point's is the region that it lies in; the others are found
 * by graph cuts on colour and edges, the colours of inside and outside learned anew from each cut (C. Rother et al., "GrabCut", SIGGRAPH 2004; Y. Boykov, M.-P. Jolly 2001).
 */
import { sampleLabels } from '../../compositing/resize.js';
import { UserError } from '../../errors.js';
import { type Box, boundsOf, grownBox, type Point, requireSameSize } from '../../masks/mask.js';
import { connectedPieces, dilate } from '../../masks/morphology.js';
import type { LabelMap, Mask, Raster } from '../../raster.js';
import { type LabPicture, toLab } from '../lab.js';
import { fineCut, regionsAt } from '../regions/candidates.js';
import { settleBorders } from '../regions/settleBorders.js';
import { upsampleLabels } from '../upsample.js';
import { colourCells, unlikelihood } from './colourModel.js';
import { minimumCut } from './minimumCut.js';

/** Places in the picture's own pixels. */
export type Seeds =
  | { readonly kind: 'point'; readonly at: Point }
  | { readonly kind: 'box'; readonly box: Box }
  | { readonly kind: 'strokes'; readonly inside: readonly Point[]; readonly outside?: readonly Point[] };

const ROUNDS = 4;
/** What an outline through a plain area costs a pixel, in units of log likelihood. */
const SMOOTHNESS = 8;
/** An outline that the picture's items already have costs this much of it. */
const KNOWN_OUTLINE = 0.4;
const SURE = 1e4;
/** A stroke's width, and the room a thing has around the regions that strokes lie in: shares of a side. */
const BRUSH = 0.008;
const ROOM = 0.12;
/** Pieces of a boxed thing smaller than this share of its largest are specks. */
const LEAST_PIECE = 0.1;

/**
 * One thing of a picture, as a mask of the picture's size that is never empty.
 * @param labels the picture's items: where they have outlines, the thing rather has one too
 * @throws UserError when a seed lies outside the picture or nothing is left of it
 */
export async function pick(picture: Raster, labels: LabelMap, seeds: Seeds): Promise<Mask> {
  requireSameSize(picture, labels);
  requireInside(picture, seeds);
  if (seeds.kind === 'point') return await regionAt(picture, seeds.at);
  const lab = toLab(picture);
  const known = await trimap(picture, lab, seeds);
  if (!known.includes(Known.Inside) && !known.includes(Known.Perhaps)) {
    throw new UserError('nothing is marked as inside: draw a larger box or click the thing');
  }
  const thing = connectedTo(cutOut(lab, sampleLabels(labels, lab).data, known), known, lab);
  return enlarged({ width: lab.width, height: lab.height, data: thing }, picture);
}

/** At the picture's size, its outline on edges; a speck, which smooth borders would vote away, as it is. */
function enlarged(thing: Mask, picture: Raster): Mask {
  const mask = upsampleLabels(thing, picture);
  return mask.data.includes(1) ? mask : sampleLabels(thing, picture);
}

/**
 * A point's region, its outline by pixels. A cut by the colours of so little as a point shows overlaps no better with what
 * was meant, on drawn scenes and on things that people outlined, and takes 0.4 s longer (docs/segmentation.md).
 */
async function regionAt(picture: Raster, at: Point): Promise<Mask> {
  const cut = await fineCut(picture);
  const { lab } = cut;
  const { width, height } = lab;
  const place = placeIn(lab, picture)(at);
  const region = regionsAt(cut, [place]);
  const known = new Uint8Array(width * height).fill(Known.PerhapsNot);
  known[place] = Known.Inside;
  const data = connectedTo(settleBorders(region, lab).data, known, lab);
  return enlarged({ width, height, data }, picture);
}

/** Where in the working picture a place of the picture lies. */
function placeIn({ width, height }: LabPicture, picture: Raster): (place: Point) => number {
  const [sx, sy] = [width / picture.width, height / picture.height];
  return ({ x, y }) =>
    clamp(Math.floor((y + 0.5) * sy), height) * width + clamp(Math.floor((x + 0.5) * sx), width);
}

/** What is known of a pixel before the cut. */
const Known = { Outside: 0, Inside: 1, Perhaps: 2, PerhapsNot: 3 } as const;

async function trimap(
  picture: Raster,
  lab: LabPicture,
  seeds: Exclude<Seeds, { kind: 'point' }>,
): Promise<Uint8Array> {
  const { width, height } = lab;
  if (seeds.kind === 'box') {
    const [sx, sy] = [width / picture.width, height / picture.height];
    const { left, top, width: wide, height: high } = seeds.box;
    return Uint8Array.from({ length: width * height }, (_, i) => {
      const x = ((i % width) + 0.5) / sx;
      const y = (Math.floor(i / width) + 0.5) / sy;
      const within = x >= left && x < left + wide && y >= top && y < top + high;
      return within ? Known.Perhaps : Known.Outside;
    });
  }
  const inside = seeds.inside.map(placeIn(lab, picture));
  const outside = (seeds.outside ?? []).map(placeIn(lab, picture));
  const likely = regionsAt(await fineCut(picture), inside);
  const room = dilate(likely, ROOM * Math.max(width, height));
  const brush = Math.max(1, BRUSH * Math.max(width, height));
  const painted = (places: number[]): Mask => {
    const data = new Uint8Array(width * height);
    for (const i of places) data[i] = 1;
    return dilate({ width, height, data }, brush);
  };
  const [yes, no] = [painted(inside), painted(outside)];
  return Uint8Array.from({ length: width * height }, (_, i) => {
    if (no.data[i] || !room.data[i]) return Known.Outside;
    if (yes.data[i]) return Known.Inside;
    return likely.data[i] ? Known.Perhaps : Known.PerhapsNot;
  });
}

/** 1 inside: rounds of learning the colours of both sides and cutting between them. */
function cutOut(lab: LabPicture, labels: Uint8Array, known: Uint8Array): Uint8Array {
  const { width, height, data } = lab;
  const cells = colourCells(lab);
  // what is surely outside stays so: the cut is among the others and what borders on them
  const doubtful = { width, height, data: known.map((value) => Number(value !== Known.Outside)) };
  const box = grownBox(boundsOf(doubtful)!, 1, lab);
  const places = placesOf(box, width);
  const step = (i: number, j: number): number =>
    (data[i * 3]! - data[j * 3]!) ** 2 +
    (data[i * 3 + 1]! - data[j * 3 + 1]!) ** 2 +
    (data[i * 3 + 2]! - data[j * 3 + 2]!) ** 2;
  const beta = 1 / (2 * Math.max(1, meanStep(step, width, height)));
  const between = (a: number, b: number): number => {
    const [i, j] = [places[a]!, places[b]!];
    const diagonal = Math.abs(i - j) !== 1 && Math.abs(i - j) !== width;
    const outline = labels[i] === labels[j] ? 1 : KNOWN_OUTLINE;
    return ((SMOOTHNESS * outline) / (diagonal ? Math.SQRT2 : 1)) * Math.exp(-beta * step(i, j));
  };
  let inside = known.map((value) => Number(value === Known.Inside || value === Known.Perhaps));
  for (let round = 0; round < ROUNDS; round++) {
    const current = inside;
    const cost = (side: number, sure: number): Float32Array => {
      const table = unlikelihood(cells, (i) => current[i] === side);
      return new Float32Array(places.length).map((_, a) =>
        known[places[a]!] === sure ? SURE : table[cells[places[a]!]!]!,
      );
    };
    const { width: across, height: down } = box;
    const sides = { outside: cost(0, Known.Inside), inside: cost(1, Known.Outside) };
    const cut = minimumCut({ width: across, height: down, between, ...sides });
    if (!cut.includes(1)) return current;
    inside = new Uint8Array(current.length);
    for (const [a, i] of places.entries()) inside[i] = cut[a]!;
    if (inside.every((value, i) => value === current[i])) break;
  }
  return inside;
}

/** Where a box's pixels lie in the picture, row by row. */
function placesOf({ left, top, width, height }: Box, across: number): Int32Array {
  const places = new Int32Array(width * height);
  for (let y = 0, a = 0; y < height; y++)
    for (let x = 0; x < width; x++, a++) places[a] = (top + y) * across + left + x;
  return places;
}

/** The pieces that hold what is surely inside; of a box the large ones. */
function connectedTo(
  inside: Uint8Array,
  known: Uint8Array,
  { width, height }: LabPicture,
): Uint8Array<ArrayBuffer> {
  const { pieces, areas } = connectedPieces({ width, height, data: inside });
  const wanted = new Set<number>();
  for (let i = 0; i < pieces.length; i++) if (pieces[i] && known[i] === Known.Inside) wanted.add(pieces[i]!);
  const largest = Math.max(...areas);
  if (wanted.size === 0) areas.forEach((area, k) => area >= LEAST_PIECE * largest && wanted.add(k));
  return Uint8Array.from(pieces, (piece) => (piece > 0 && wanted.has(piece) ? 1 : 0));
}

function meanStep(step: (i: number, j: number) => number, width: number, height: number): number {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x + 1 < width; x++, count++) sum += step(y * width + x, y * width + x + 1);
  }
  return count === 0 ? 0 : sum / count;
}

function requireInside({ width, height }: Raster, seeds: Seeds): void {
  const within = ({ x, y }: Point): boolean => x >= 0 && y >= 0 && x < width && y < height;
  const fits =
    seeds.kind === 'box'
      ? seeds.box.left < width &&
        seeds.box.top < height &&
        seeds.box.left + seeds.box.width > 0 &&
        seeds.box.top + seeds.box.height > 0
      : (seeds.kind === 'point' ? [seeds.at] : [...seeds.inside, ...(seeds.outside ?? [])]).every(within);
  if (!fits) throw new UserError(`that place is outside the picture: it is ${width}x${height} pixels`);
}

function clamp(x: number, size: number): number {
  return Math.min(size - 1, Math.max(0, x));
}
