/** How well an edit did, of pictures in memory. */
import { Scorer } from '../../dist/engine/segmentation/naming/scorer.js';
import { cropOf } from '../../dist/engine/segmentation/naming/crop.js';
import { boundsOf, maskOf, pick } from '../../dist/engine/editor.js';
import { areaOf, intersect } from '../../dist/engine/masks/mask.js';

/** A thing that takes less of its place than this was not told from the ground: all of the place is looked at. */
const LEAST = 0.1;
/** Pixels that are the same to the bit have this, in dB. */
export const EXACT = 99;

/** Root mean square of the difference over the mask's pixels, of 255. */
export function rmsIn(a, b, mask) {
  let [sum, count] = [0, 0];
  for (let i = 0; i < mask.data.length; i++) {
    if (!mask.data[i]) continue;
    for (let c = 3 * i; c < 3 * i + 3; c++) sum += (a.data[c] - b.data[c]) ** 2;
    count += 3;
  }
  return Math.sqrt(sum / Math.max(1, count));
}

export const psnrIn = (a, b, mask) => {
  const rms = rmsIn(a, b, mask);
  return rms === 0 ? EXACT : Math.min(EXACT, 20 * Math.log10(255 / rms));
};

export const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Looks at cut-out things with a scorer that learned from none of the scenes. */
export class Judge {
  constructor({ checkpoint, sessions }) {
    this.part = checkpoint.scorer;
    this.vocabulary = checkpoint.scorer.vocabulary;
    this.scorer = new Scorer(checkpoint.scorer, sessions);
    this.prompts = [...this.vocabulary.things.map(({ prompt }) => prompt), this.vocabulary.unknown];
  }

  /** @returns of length one */
  async features(picture, mask) {
    const { vision, processor } = this.part;
    return await this.scorer.embedPicture(await cropOf(picture, mask, vision.image_size, processor));
  }

  /** The thing in a place, cut out of what is around it. */
  async thingIn(picture, labels, place) {
    try {
      const found = intersect(await pick(picture, labels, { kind: 'box', box: boundsOf(place) }), place);
      return areaOf(found) >= LEAST * areaOf(place) ? found : place;
    } catch {
      return place; // nothing stands out
    }
  }

  /** Cosine of what is in the place and the wanted prompt, and whether no other thing is likelier. */
  async alignment(picture, labels, place, wanted) {
    const thing = await this.thingIn(picture, labels, place);
    const seen = await this.features(picture, thing);
    return { ...(await this.likeness(seen, wanted)), seen };
  }

  /** Cosine of features and the wanted prompt, and whether no other thing is likelier. */
  async likeness(seen, wanted) {
    const likely = (await this.scorer.embedWords(this.prompts)).map((word) => dot(word, seen));
    const at = this.prompts.indexOf(wanted);
    return { cosine: likely[at], first: likely.every((cosine, k) => k === at || cosine < likely[at]) };
  }

  /** 0 the same, 2 the opposite, in the scorer's eyes. */
  distance = (a, b) => 1 - dot(a, b);

  /** How far the items other than `item` have gone from what they were. */
  async others(before, after, labels, item) {
    const count = Math.max(...labels.data) + 1;
    let [sum, n] = [0, 0];
    for (let other = 0; other < count; other++) {
      const mask = maskOf(labels, other);
      if (other === item || areaOf(mask) === 0) continue;
      sum += this.distance(await this.features(before, mask), await this.features(after, mask));
      n++;
    }
    return n > 0 ? sum / n : undefined;
  }
}
