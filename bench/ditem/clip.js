/** CLIP-T and CLIP-I by a CLIP of others (openai/clip-vit-large-patch14 …), where one is at hand. */
import { openClip } from '../../dist/engine/checkpoint/scorer.js';
import { WEIGHTS_ROOT } from '../../dist/engine/checkpoint/weights.js';
import { clipPixels } from '../../dist/engine/compositing/clipPixels.js';
import { cropRaster } from '../../dist/engine/compositing/resize.js';
import { boundsOf } from '../../dist/engine/editor.js';
import { SessionCache } from '../../dist/engine/runtime/sessionCache.js';
import { Scorer } from '../../dist/engine/segmentation/naming/scorer.js';
import { dot } from './measure.js';

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
    return dot(
      await this.#seen(cropRaster(a, boundsOf(mask))),
      await this.#seen(cropRaster(b, boundsOf(other))),
    );
  }
}
