/** What is not ground, as objects: parts that touch are one thing, unless shapes and colours speak for two. */
import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';
import { type Pair, PartGraph } from './parts.js';
import { regionsOf } from './regions.js';

/** Parts of plain colour to begin with. */
const PARTS = { min: 1, max: 20, plain: 0.03 };
/** Smaller shares of the picture than this are no objects when they touch one. */
const LEAST_OBJECT = 0.014;
const SURELY_ONE = 100;

/**
 * The log odds that two touching parts are two things. Weights from a logistic regression on pairs of parts of about
 * 2% of the picture or more, in 168 scenes of training/pocket (0.89 right on those same pairs); then rounded, and the
 * weight of `dent` and the bias set by the overlap with the true objects of the same scenes.
 */
function apart(pair: Pair): number {
  return (
    2.5 * pair.difference +
    Math.sqrt(pair.balance) -
    6 * pair.enclosed +
    2.2 * pair.step +
    2 * pair.dent +
    1.2 * Math.min(2, pair.neck) +
    9 * pair.size -
    4
  );
}

/** One mask an object, largest first. */
export function cutObjects(mask: Mask, picture: LabPicture): Mask[] {
  const graph = new PartGraph(regionsOf(picture, mask, PARTS), picture);
  for (;;) {
    let weakest: { a: number; b: number; score: number } | undefined;
    for (const { a, b, pair } of graph.pairs()) {
      const score = apart(pair) - (pair.size < LEAST_OBJECT ? SURELY_ONE : 0);
      if (!weakest || score < weakest.score) weakest = { a, b, score };
    }
    if (!weakest || weakest.score >= 0) return graph.masks();
    graph.merge(weakest.a, weakest.b);
  }
}
