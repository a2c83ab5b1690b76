/** CLIP-T and CLIP-I by a CLIP of others (openai/clip-vit-large-patch14 …), where one is at hand. */
import { Buffer } from 'node:buffer';
import { openClip } from '../../dist/engine/checkpoint/scorer.js';
import { WEIGHTS_ROOT } from '../../dist/engine/checkpoint/weights.js';
import { clipPixels } from '../../dist/engine/compositing/clipPixels.js';
import { boundsOf } from '../../dist/engine/editor.js';
import { SessionCache } from '../../dist/engine/runtime/sessionCache.js';
import { Scorer } from '../../dist/engine/segmentation/naming/scorer.js';

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

export class Clip {
  /** @param folder as transformers keeps it: config.json, model.safetensors, preprocessor_config.json and the tokenizer's files */
  constructor(folder, cacheDir) {
    this.part = openClip(folder, cacheDir);
    this.scorer = new Scorer(this.part, new SessionCache({ weightsRoot: WEIGHTS_ROOT }));
  }

  #seen = async (picture) => await this.scorer.embedPicture(await clipPixels(picture, this.part));

  /** CLIP-T: cosine of the picture and the words. */
  async text(picture, words) {
    const [said] = await this.scorer.embedWords([words]);
    return dot(await this.#seen(picture), said);
  }

  /** CLIP-I: cosine of what is in two boxes around masks, grounds included. */
  async image(a, mask, b, other) {
    return dot(await this.#seen(boxOf(a, mask)), await this.#seen(boxOf(b, other)));
  }
}

function boxOf({ width, data }, mask) {
  const { left, top, width: w, height: h } = boundsOf(mask);
  const rows = Array.from({ length: h }, (_, y) => {
    const from = ((top + y) * width + left) * 3;
    return data.subarray(from, from + 3 * w);
  });
  return { width: w, height: h, data: Buffer.concat(rows) };
}
