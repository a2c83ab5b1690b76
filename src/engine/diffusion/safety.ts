import sharp from 'sharp';
import type { SafetyCheckerPart } from '../checkpoint/safetyChecker.js';
import { UserError } from '../errors.js';
import { clipPixels } from '../compositing/clipPixels.js';
import { clipVisionGraph } from '../models/clipVision.js';
import type { Raster } from '../raster.js';
import type { SessionCache } from '../runtime/sessionCache.js';

/** What becomes of drawings that the checkpoint's own checker flags; 'off' asks it nothing. */
export const SAFETY = ['on', 'blur', 'off'] as const;
export type Safety = (typeof SAFETY)[number];

/** The blur's deviation as a share of the longer side: nothing is left to recognise. */
const BLUR = 0.08;
/** A concept that wants special care makes all that come after it stricter by so much (diffusers' safety_checker.py). */
const STRICTER = 0.01;

/** A checkpoint's own safety checker: cosines of what is drawn to concepts that its makers do not want drawn. */
export class SafetyChecker {
  constructor(
    private readonly part: SafetyCheckerPart,
    private readonly sessions: SessionCache,
    private readonly safety: Exclude<Safety, 'off'>,
  ) {}

  /**
   * The drawing if it may be shown; blurred when it may not and `safety` is 'blur'.
   * @throws UserError when it may not
   */
  async passed(drawing: Raster): Promise<{ picture: Raster; blurred: boolean }> {
    if (!(await this.flags(await clipPixels(drawing, this.part))))
      return { picture: drawing, blurred: false };
    if (this.safety === 'on')
      throw new UserError(
        "what was drawn is held back by the checkpoint's own safety checker: say it in other words, or again with another seed",
      );
    const { width, height, data } = drawing;
    const blurred = await sharp(data, { raw: { width, height, channels: 3 } })
      .blur(Math.max(0.3, BLUR * Math.max(width, height)))
      .raw()
      .toBuffer();
    return { picture: { width, height, data: blurred }, blurred: true };
  }

  /** @param pixels normalised, [3, side, side] */
  async flags(pixels: Float32Array): Promise<boolean> {
    const { vision, weights } = this.part;
    const side = vision.image_size;
    const session = await this.sessions.get('safety checker', (options) =>
      clipVisionGraph(weights, vision, options),
    );
    const { embeds } = await session.run({ pixels: { shape: [1, 3, side, side], data: pixels } }, ['embeds']);
    const scores = (concepts: string, thresholds: string): number[] => {
      const rows = weights.read(concepts);
      const width = embeds.data.length;
      return [...weights.read(thresholds)].map(
        (threshold, i) => cosine(embeds.data, rows.subarray(i * width, (i + 1) * width)) - threshold,
      );
    };
    let adjustment = 0;
    const isOver = (score: number): boolean => Math.round((score + adjustment) * 1000) > 0;
    for (const score of scores('special_care_embeds', 'special_care_embeds_weights'))
      if (isOver(score)) adjustment = STRICTER;
    return scores('concept_embeds', 'concept_embeds_weights').some(isOver);
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [both, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return both / Math.sqrt(aa * bb);
}
