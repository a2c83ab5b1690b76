/**
 * Pairs of touching regions, with what the judge sees of each and whether people hold both to be one thing.
 *
 *     npm run prepare && node training/judge/pairs.js OUT DIR [DIR …]
 *
 * DIR holds pictures NAME.png or NAME.jpg with label maps NAME.labels.png or NAME.K.labels.png (outlines.py,
 * bench/drawable/pictures.py). Superpixels are merged down to two regions, the surest pair first, by the judge as it is;
 * in one picture of four by the truth instead, so that the judge also sees what good regions look like. Pairs are
 * drawn with a probability of 0.05 + the root of the smaller region's share of the picture. OUT is rows of float32: what
 * `describePair` says, then the truth: the likeness of both regions' shares in the segments that a person drew, 0 … 1, as
 * the mean over people, then the weight 1 / pairs of this picture. Everything follows from SEED.
 */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeLabels, decodePicture } from '../../dist/engine/editor.js';
import { Judge } from '../../dist/engine/segmentation/regions/judge.js';
import { describePair } from '../../dist/engine/segmentation/regions/pair.js';
import { superpixelGraph, watch } from '../../dist/engine/segmentation/regions/begin.js';
import { integers } from '../../dist/engine/diffusion/random.js';

const SEED = 7;
const BY_TRUTH = 4;

const [out, ...folders] = process.argv.slice(2);
if (folders.length === 0) throw new Error('name the file to write, then folders of pictures with label maps');
const judge = Judge.get();
const file = openSync(out, 'w');
let number = 0;
for (const folder of folders) {
  const all = readdirSync(folder);
  for (const name of all.filter((one) => /^[^.]+\.(png|jpg)$/.test(one))) {
    const stem = name.replace(/\.[^.]+$/, '');
    const maps = all.filter((one) => one.startsWith(`${stem}.`) && one.endsWith('labels.png'));
    const rows = await pairsOf(join(folder, name), maps.map((map) => join(folder, map)), number++);
    for (const row of rows) {
      row[row.length - 1] = 1 / rows.length;
      writeSync(file, new Uint8Array(row.buffer));
    }
    if (number % 20 === 0) console.error(`${number} pictures`);
  }
}
closeSync(file);

async function pairsOf(path, maps, seed) {
  const { picture } = await decodePicture(path);
  const { cues } = await watch(picture);
  const graph = superpixelGraph(cues);
  const people = [];
  for (const map of maps) people.push(sharesOf(await decodeLabels(readFileSync(map), picture), graph, cues.lab));
  const dice = uniform(seed);
  const rows = [];
  const pairs = new Map();
  const key = (a, b) => Math.min(a, b) * 65536 + Math.max(a, b);
  const consider = (a, b) => {
    const row = new Float32Array(judge.features + 2);
    describePair(graph, a, b, row);
    const truth = people.reduce((sum, shares) => sum + likeness(shares.get(a), shares.get(b)), 0) / people.length;
    row[judge.features] = truth;
    const smaller = Math.min(graph.regions.get(a).area, graph.regions.get(b).area);
    if (dice() < 0.05 + Math.sqrt(smaller / graph.pixels)) rows.push(row);
    // ties of the truth are broken by the judge
    const seen = judge.probability(row.subarray(0, judge.features));
    pairs.set(key(a, b), { a, b, sure: seed % BY_TRUTH === 0 ? truth + 0.01 * seen : seen });
  };
  for (const [a, { borders }] of graph.regions) for (const b of borders.keys()) if (a < b) consider(a, b);
  while (graph.regions.size > 2 && pairs.size > 0) {
    let best;
    for (const pair of pairs.values()) if (!best || pair.sure > best.sure) best = pair;
    const { a, b } = best;
    for (const k of [a, b]) for (const other of graph.regions.get(k).borders.keys()) pairs.delete(key(k, other));
    graph.merge(a, b);
    for (const shares of people) {
      const sum = shares.get(a);
      shares.get(b).forEach((count, k) => (sum[k] += count));
      shares.delete(b);
    }
    for (const other of graph.regions.get(a).borders.keys()) consider(Math.min(a, other), Math.max(a, other));
  }
  return rows;
}

/** How many pixels of each of a person's segments every region has, at the working size. */
function sharesOf({ width, height, data }, graph, lab) {
  const count = data.reduce((most, label) => Math.max(most, label), 0) + 1;
  const shares = new Map([...graph.regions.keys()].map((k) => [k, new Float64Array(count)]));
  graph.labels().forEach((region, i) => {
    const x = Math.floor((((i % lab.width) + 0.5) * width) / lab.width);
    const y = Math.floor(((Math.floor(i / lab.width) + 0.5) * height) / lab.height);
    shares.get(region)[data[y * width + x]]++;
  });
  return shares;
}

function likeness(p, q) {
  const [all, others] = [p, q].map((counts) => counts.reduce((a, b) => a + b, 0));
  return p.reduce((sum, count, k) => sum + Math.min(count / all, q[k] / others), 0);
}

/** Numbers from 0 to 1 of a picture's own stream. */
function uniform(stream) {
  let [numbers, chunk] = [[], 0];
  return () => {
    if (numbers.length === 0) numbers = integers(4096, 2 ** 24, SEED, stream, chunk++);
    return numbers.pop() / 2 ** 24;
  };
}
