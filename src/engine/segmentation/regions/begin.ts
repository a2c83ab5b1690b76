/** From a picture to the regions that merging begins with. */
import { resizeRaster } from '../../compositing/resize.js';
import { emptyMask } from '../../masks/mask.js';
import type { Mask, Raster } from '../../raster.js';
import { type LabPicture, toLab } from '../lab.js';
import { NETWORK_SIDE } from '../person/network.js';
import { look, type Seen } from '../person/person.js';
import { type Cues, cuesOf } from './cues.js';
import { RegionGraph } from './regionGraph.js';
import { superpixelsOf } from './superpixels.js';

/** About so many superpixels, and none with sides shorter than this. */
const SUPERPIXELS = 600;
const LEAST_STEP = 3;

/** What is seen of a picture before it is cut. */
export async function watch(picture: Raster): Promise<{ seen: Seen; cues: Cues }> {
  const seen = await look(await resizeRaster(picture, NETWORK_SIDE, NETWORK_SIDE));
  return { seen, cues: cuesOf(toLab(picture), seen) };
}

/** The regions that merging begins with: superpixels of the working picture. */
export function superpixelGraph(cues: Cues): RegionGraph {
  const { width, height } = cues.lab;
  const step = Math.max(LEAST_STEP, Math.sqrt((width * height) / SUPERPIXELS));
  const { of, count } = superpixelsOf(cues.lab, step);
  return new RegionGraph(cues, of, count);
}

/** The regions as masks of the working picture, largest first. */
export function masksOf(graph: RegionGraph, { width, height }: LabPicture): Mask[] {
  const labels = graph.labels();
  return [...graph.regions]
    .sort(([, p], [, q]) => q.area - p.area)
    .map(([k]) => maskOfRegion(labels, k, width, height));
}

/** The pixels of one region. */
export function maskOfRegion(labels: Int32Array, region: number, width: number, height: number): Mask {
  const mask = emptyMask(width, height);
  for (let i = 0; i < labels.length; i++) if (labels[i] === region) mask.data[i] = 1;
  return mask;
}
