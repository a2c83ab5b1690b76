/** The stages between a picture and its items, each by itself: segment.test.ts has them together. */
import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../src/engine/raster.js';
import { toLab } from '../../../src/engine/segmentation/lab.js';
import { FEATURES, NETWORK_SIDE } from '../../../src/engine/segmentation/person/network.js';
import type { Seen } from '../../../src/engine/segmentation/person/person.js';
import { blurred } from '../../../src/engine/segmentation/regions/blur.js';
import { cuesOf } from '../../../src/engine/segmentation/regions/cues.js';
import { groundColours } from '../../../src/engine/segmentation/regions/groundColours.js';
import { joinGround } from '../../../src/engine/segmentation/regions/groundPieces.js';
import { Judge } from '../../../src/engine/segmentation/regions/judge.js';
import { likeThings } from '../../../src/engine/segmentation/regions/likeThings.js';
import { mergeRegions } from '../../../src/engine/segmentation/regions/merging.js';
import { coloursApart, describePair, textureApart } from '../../../src/engine/segmentation/regions/pair.js';
import { type Region, RegionGraph } from '../../../src/engine/segmentation/regions/regionGraph.js';
import { settleBorders } from '../../../src/engine/segmentation/regions/settleBorders.js';
import { superpixelsOf } from '../../../src/engine/segmentation/regions/superpixels.js';
import { thingsOf } from '../../../src/engine/segmentation/regions/things.js';
import { randomNumbers } from '../masks/random.js';

type Colour = readonly [number, number, number];
const WALL: Colour = [180, 176, 170];
const TOWER: Colour = [60, 40, 30];
const COIN: Colour = [240, 220, 40];
const W = 120;
const H = 80;

/** A picture with a region for every number that `at` says. */
function scene(at: (x: number, y: number) => readonly [region: number, colour: Colour]) {
  const data = new Uint8Array(W * H * 3);
  const of = new Int32Array(W * H);
  for (let i = 0; i < of.length; i++) {
    const [region, colour] = at(i % W, Math.floor(i / W));
    of[i] = region;
    data.set(colour, i * 3);
  }
  const picture: Raster = { width: W, height: H, data };
  return { picture, of, cues: cuesOf(toLab(picture), nothingSeen()), count: Math.max(...of) + 1 };
}

function nothingSeen(): Seen {
  const features = FEATURES.map((map) => ({ ...map, data: new Float32Array(map.channels * map.side ** 2) }));
  return { person: new Float32Array(NETWORK_SIDE ** 2), features };
}

function graphOf(at: Parameters<typeof scene>[0]): RegionGraph {
  const { cues, of, count } = scene(at);
  return new RegionGraph(cues, of, count);
}

it('a blur keeps a flat picture as it is, and the mean of any around it', () => {
  const { cues } = scene((x) => [0, x < 60 ? WALL : TOWER]);
  const soft = blurred(cues.lab, 3);
  expect(soft.data[0]).toBeCloseTo(cues.lab.data[0]!, 3);
  const middle = (40 * W + 60) * 3;
  const between = [soft.data[middle - 3]!, soft.data[middle]!];
  expect((between[0]! + between[1]!) / 2).toBeCloseTo((cues.lab.data[0]! + cues.lab.data[middle]!) / 2, 2);
  expect(between[0]).toBeGreaterThan(between[1]!);
});

it('the colours of the ground are those all along the rim: not a thing in the middle, nor one that the rim cuts', () => {
  const { cues } = scene((x, y) => [
    0,
    Math.hypot(x - 60, y - 40) < 15 ? COIN : x > 100 && y > 60 ? TOWER : WALL,
  ]);
  const ground = groundColours(cues.lab);
  const at = (x: number, y: number) => ground[y * W + x];
  expect([at(10, 10), at(90, 20), at(60, 40), at(110, 75)]).toEqual([1, 1, 0, 0]);
});

it('superpixels are connected, cover the picture and stop at an edge', () => {
  const next = randomNumbers(5);
  const noisy = (colour: Colour): Colour => colour.map((c) => c + 20 * next()) as unknown as Colour;
  const { cues } = scene((x, y) => [0, noisy(x + 2 * y < 130 ? WALL : TOWER)]);
  const { of, count } = superpixelsOf(cues.lab, 8);
  const sides = Array.from({ length: count }, () => [0, 0]);
  of.forEach((k, i) => sides[k]![(i % W) + 2 * Math.floor(i / W) < 130 ? 0 : 1]!++);
  const astray = sides.reduce((sum, [p, q]) => sum + Math.min(p!, q!), 0);
  expect(astray / of.length).toBeLessThan(0.01);
  let pieces = 0;
  of.forEach((k, i) => {
    if (k < 0) return;
    pieces++;
    flood(of, i);
  });
  expect(pieces).toBe(count);

  function flood(map: Int32Array, start: number): void {
    const k = map[start]!;
    const todo = [start];
    while (todo.length > 0) {
      const i = todo.pop()!;
      if (map[i] !== k) continue;
      map[i] = -1;
      todo.push(i - W, i + W);
      if (i % W > 0) todo.push(i - 1);
      if (i % W < W - 1) todo.push(i + 1);
    }
  }
});

describe('the graph of regions', () => {
  const next = randomNumbers(9);
  const noise = Array.from({ length: W * H }, () => [next() * 255, next() * 255, next() * 255] as const);
  const cell = (x: number, y: number) => Math.floor(x / 30) + 4 * Math.floor(y / 20);

  it('merged regions are what one gets who measures them as one', () => {
    const { cues, of, count } = scene((x, y) => [cell(x, y), noise[y * W + x]!]);
    const merged = new RegionGraph(cues, of, count);
    merged.merge(0, 1);
    merged.merge(0, 5);
    merged.merge(10, 15); // these two only meet at a corner
    const one = new RegionGraph(
      cues,
      of.map((k) => (k === 1 || k === 5 ? 0 : k === 15 ? 10 : k)),
      count,
    );
    const close = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a, (value, k) => Math.abs(value - b[k]!)).every((apart) => apart < 1e-3);
    for (const [k, region] of merged.regions) {
      const measured = one.regions.get(k)!;
      expect([region.area, region.rim, region.outline]).toEqual([
        measured.area,
        measured.rim,
        measured.outline,
      ]);
      expect(close(region.sums, measured.sums) && close(region.colours, measured.colours)).toBe(true);
      expect(new Set(region.borders.keys())).toEqual(new Set(measured.borders.keys()));
      for (const [other, border] of region.borders) {
        expect(close(Object.values(border), Object.values(measured.borders.get(other)!))).toBe(true);
      }
    }
    expect(merged.labels()).toEqual(one.labels());
  });

  it('a pair is described the same from both ends, and by as much as the judge wants to see', () => {
    const graph = graphOf((x, y) => [cell(x, y), noise[y * W + x]!]);
    const [there, back] = [new Float32Array(200).fill(NaN), new Float32Array(200).fill(NaN)];
    describePair(graph, 5, 6, there);
    describePair(graph, 6, 5, back);
    expect(there).toEqual(back);
    expect(there.findIndex(Number.isNaN)).toBe(Judge.get().features);
  });

  it('tells colours and textures apart', () => {
    const striped = (x: number): Colour => (x % 4 < 2 ? [200, 200, 200] : [160, 160, 160]);
    const graph = graphOf((x) => (x < 40 ? [0, WALL] : x < 80 ? [1, striped(x)] : [2, TOWER]));
    const [wall, stripes, tower] = [0, 1, 2].map((k) => graph.regions.get(k)!) as [Region, Region, Region];
    expect(coloursApart(wall, stripes)).toBeLessThan(8);
    expect(coloursApart(wall, tower)).toBeGreaterThan(40);
    expect(textureApart(wall, stripes)).toBeGreaterThan(0.5);
    expect(textureApart(wall, tower)).toBeLessThan(0.2);
  });
});

describe('things of one kind', () => {
  const coins = [12, 36, 60, 84, 108].flatMap((x) => [20, 60].map((y) => [x, y] as const));
  const coinAt = (x: number, y: number) => coins.findIndex(([cx, cy]) => Math.hypot(x - cx, y - cy) < 8) + 1;
  const table = (x: number, y: number) => [coinAt(x, y), coinAt(x, y) ? COIN : TOWER] as const;

  it('are found where there are many, and a bar of their colour is none of them', () => {
    expect(likeThings(graphOf(table)).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const barred = graphOf((x, y) => (y < 4 ? [11, COIN] : table(x, y)));
    expect(likeThings(barred)).not.toContain(11);
    expect(likeThings(graphOf((x, y) => (coinAt(x, y) > 3 ? [0, TOWER] : table(x, y))))).toEqual([]);
  });

  it('become one where there are more of them than items, and nothing of what they lie on', () => {
    const { cues, of, count } = scene(table);
    const saysOne = { features: Judge.get().features, probability: () => 0.4 } as unknown as Judge;
    const cut = (most: number) => thingsOf(new RegionGraph(cues, of, count), cues, saysOne, { most });
    const areas = (g: RegionGraph) => [...g.regions.values()].map(({ area }) => area).sort((a, b) => b - a);
    expect(areas(cut(11))).toHaveLength(11);
    const ofCoins = of.filter((k) => k > 0).length;
    expect(areas(cut(8))).toEqual([W * H - ofCoins, ofCoins]);
    expect(areas(cut(1))).toEqual([W * H]);
  });
});

describe('people', () => {
  it('take no place of the things, and are no part of them', () => {
    const { cues, of, count } = scene((x, y) =>
      // coat, face, badge and hat are four regions of a person between a wall and a tower
      x > 100 ? [5, TOWER] : x < 60 ? [0, WALL] : [1 + Math.floor(y / 20), noise(y)],
    );
    const people = { width: W, height: H, data: Uint8Array.from(of, (k) => (k > 0 && k < 5 ? 1 : 0)) };
    const apart = { features: Judge.get().features, probability: () => 0.1 } as unknown as Judge;
    const things = thingsOf(new RegionGraph(cues, of, count), cues, apart, { people, most: 2 });
    expect([...things.regions].map(([k, { area }]) => [k, area])).toEqual([
      [0, 60 * H],
      [5, 19 * H],
    ]);
    expect(things.labels().filter((k) => k === -1)).toHaveLength(41 * H);
  });

  function noise(y: number): Colour {
    return [(y * 37) % 255, (y * 91) % 255, 80];
  }
});

it('near a border each pixel goes with those that look like it; what is far, and what is all there is, stays', () => {
  const { cues } = scene((x, y) => [0, Math.hypot(x - 60, y - 40) < 20 ? COIN : WALL]);
  const disc = (x: number, y: number, r: number) => Number(Math.hypot(x - 60, y - 40) < r);
  const cut = (r: number) => ({
    width: W,
    height: H,
    data: Uint8Array.from({ length: W * H }, (_, i) => disc(i % W, Math.floor(i / W), r)),
  });
  const right = cut(20).data;
  const wrong = ({ data: found }: { data: Uint8Array }) =>
    found.reduce((sum, label, i) => sum + Number(label !== right[i]), 0);
  expect(wrong(cut(22))).toBeGreaterThan(200);
  expect(wrong(settleBorders(cut(22), cues.lab))).toBeLessThan(20);
  const speck = { width: W, height: H, data: new Uint8Array(W * H) };
  speck.data[10 * W + 10] = 1;
  expect(settleBorders(speck, cues.lab)).toEqual(speck);
});

describe('merging', () => {
  const graph = () =>
    graphOf((x, y) => (y < 40 ? [0, WALL] : x < 30 ? [1, TOWER] : x < 110 ? [2, COIN] : [3, WALL]));
  /** A judge that holds what it says of every pair, and counts how often it is asked. */
  const judge = (says: (pair: Float32Array) => number) => {
    const asked = {
      times: 0,
      features: Judge.get().features,
      probability: (pair: Float32Array) => (asked.times++, says(pair)),
    };
    return asked as unknown as Judge & { times: number };
  };
  const sizes = (g: RegionGraph) => [...g.regions.values()].map(({ area }) => area).sort((a, b) => b - a);

  it('stops when nothing is surely one thing and there are few enough', () => {
    const g = graph();
    mergeRegions(
      g,
      judge(() => 0.4),
      { surely: 0.5, most: 4, least: 0 },
    );
    expect(g.regions.size).toBe(4);
    mergeRegions(
      g,
      judge(() => 0.4),
      { surely: 0.5, most: 2, least: 0 },
    );
    expect(g.regions.size).toBe(2);
    mergeRegions(
      g,
      judge(() => 0.6),
      { surely: 0.5, most: 2, least: 0 },
    );
    expect(g.regions.size).toBe(1);
  });

  it('small regions never stay, whatever is said of them', () => {
    const g = graph();
    mergeRegions(
      g,
      judge((pair) => 0.1 - pair[2]! / 100),
      { surely: 0.5, most: 8, least: 0.05 },
    );
    expect(sizes(g)).toEqual([5200, 3200, 1200]);
  });

  it('the surest pair comes first', () => {
    // the third feature is how far apart both are in b: the coin is yellow
    const g = graph();
    mergeRegions(
      g,
      judge((pair) => 1 - pair[2]! / 10),
      { surely: Infinity, most: 3, least: 0 },
    );
    expect(sizes(g)).toEqual([5200, 3200, 1200]);
  });

  it('every call judges all pairs anew', () => {
    const g = graph();
    const counting = judge(() => 0.1);
    for (let call = 1; call <= 2; call++) {
      mergeRegions(g, counting, { surely: 0.5, most: 8, least: 0 });
      expect(counting.times).toBe(5 * call);
    }
  });
});

describe('pieces of the ground that lie apart', () => {
  const kept = (at: Parameters<typeof scene>[0]): number[] => {
    const graph = graphOf(at);
    joinGround(graph);
    return [...graph.regions.keys()];
  };

  it('a wall on both sides of a tower is one', () => {
    expect(kept((x) => (x < 100 ? [0, WALL] : x < 108 ? [1, TOWER] : [2, WALL]))).toEqual([0, 1]);
  });

  it('so is a wall all around and what is seen of it within a ring', () => {
    const ring = (x: number, y: number) => Math.hypot(x - 60, y - 40);
    expect(kept((x, y) => (ring(x, y) > 20 ? [0, WALL] : ring(x, y) > 10 ? [1, TOWER] : [2, WALL]))).toEqual([
      0, 1,
    ]);
  });

  it('another colour is another ground', () => {
    const darker: Colour = [140, 140, 170];
    expect(kept((x) => (x < 60 ? [0, WALL] : x < 108 ? [1, TOWER] : [2, darker]))).toEqual([0, 1, 2]);
  });

  it('so is another texture', () => {
    const ploughed = (x: number): Colour => (x % 4 < 2 ? [200, 196, 190] : [160, 156, 150]);
    expect(kept((x) => (x < 100 ? [0, WALL] : x < 106 ? [1, TOWER] : [2, ploughed(x)]))).toEqual([0, 1, 2]);
  });

  it('things inside the picture stay things, however alike: coins on a table that is speckled with their colour', () => {
    const coin = (x: number, y: number) =>
      [20, 60, 100].findIndex((left) => Math.hypot(x - left, y - 40) < 14) + 1;
    const ground = (x: number, y: number) => ((x + 3 * y) % 8 === 0 ? COIN : TOWER);
    expect(kept((x, y) => [coin(x, y), coin(x, y) ? COIN : ground(x, y)])).toEqual([0, 1, 2, 3]);
  });

  it('what is large is a thing of its own', () => {
    expect(kept((x) => (x < 60 ? [0, WALL] : x < 70 ? [1, TOWER] : [2, WALL]))).toEqual([0, 1, 2]);
  });
});
