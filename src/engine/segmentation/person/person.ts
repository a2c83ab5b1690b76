/** What MediaPipe's selfie segmentation (Apache-2.0) sees in a picture. */
import { fileURLToPath } from 'node:url';
import { readHeader, readTensor } from '../../checkpoint/safetensors.js';
import { Graph } from '../../graph/graph.js';
import type { Raster } from '../../raster.js';
import { Session } from '../../runtime/session.js';
import { FEATURES, NETWORK_SIDE, selfieNetwork } from './network.js';

const WEIGHTS = fileURLToPath(new URL('../../../../checkpoints/selfie/model.safetensors', import.meta.url));

let compiled: Promise<Session> | undefined;

/** The session, made once a process: about 30 ms and 3 MB. */
function session(): Promise<Session> {
  if (compiled) return compiled;
  compiled = compile();
  // what fails once, for want of memory, is tried again
  compiled.catch(() => (compiled = undefined));
  return compiled;
}

async function compile(): Promise<Session> {
  const graph = new Graph();
  const stored = readHeader(WEIGHTS);
  const picture = graph.input('picture', [1, 3, NETWORK_SIDE, NETWORK_SIDE]);
  const weight = (name: string) => {
    const tensor = stored.get(name)!;
    return graph.constant(readTensor(tensor), tensor.shape);
  };
  const { person, features } = selfieNetwork(picture, weight);
  graph.output('person', person);
  features.forEach((feature, k) => graph.output(`feature ${k}`, feature));
  return Session.compile(graph, { threads: 2 });
}

/** Channels of a square grid over the whole picture: `data[(y * side + x) * channels + c]`. */
export interface FeatureMap {
  readonly channels: number;
  readonly side: number;
  readonly data: Float32Array;
}

export interface Seen {
  /** The probability that a pixel is a person's, 0 … 1, of NETWORK_SIDE each way. */
  readonly person: Float32Array;
  /** The network's own features, from edges to things. */
  readonly features: readonly FeatureMap[];
}

/** @param picture of NETWORK_SIDE pixels each way: pictures squeezed to a square are what the network learned from */
export async function look(picture: Raster): Promise<Seen> {
  const pixels = NETWORK_SIDE * NETWORK_SIDE;
  const data = new Float32Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) data[c * pixels + i] = picture.data[i * 3 + c]! / 255;
  }
  const shape = [1, 3, NETWORK_SIDE, NETWORK_SIDE];
  const found = await (await session()).run({ picture: { shape, data } });
  return {
    person: found.person!.data,
    features: FEATURES.map((feature, k) => ({
      ...feature,
      data: byPlace(found[`feature ${k}`]!.data, feature),
    })),
  };
}

/** [channels, places] as [places, channels]: whoever asks about a place asks for all its channels. */
function byPlace(data: Float32Array, { channels, side }: { channels: number; side: number }): Float32Array {
  const places = side * side;
  const turned = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let at = 0; at < places; at++) turned[at * channels + c] = data[c * places + at]!;
  }
  return turned;
}
