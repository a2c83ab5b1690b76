import type { Pipeline } from '../diffusion/pipeline.js';
import { type SamplerName, samplingDefaults } from '../diffusion/samplers/index.js';
import type { PlanOptions } from '../edits/index.js';
import type { Method } from '../families/family.js';
import { type AssociationOptions, defaultsFor } from '../finetune/options.js';
import type { Raster } from '../raster.js';

export interface EditOptions {
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
  /** In its place where all that is drawn was learned: nothing has to be led towards words. */
  readonly learnedGuidance: number;
  /** For how much of the run the soft band stays frozen, 0–1. */
  readonly strength: number;
  /** Width of the soft band in pixels of the picture. */
  readonly edge: number;
  readonly sampler: SamplerName;
  /**
   * How much of a draft is drawn anew: 0 is the draft as it is, 1 forgets it and draws from noise as the paper does.
   * Edits that have no draft are always drawn from noise.
   */
  readonly redraw: number;
  /**
   * What the checkpoint's own scorer does not recognise as the words that it was asked for is drawn again from other noise,
   * so many times in all; the likeliest is kept. 1 draws once.
   */
  readonly tries: number;
}

export interface EditCallbacks {
  readonly onStep?: ((done: number, of: number) => void) | undefined;
  /** Given the region that changes, decoded from the current latent, a few times an edit; costs a decoding each. */
  readonly onPreview?: ((picture: Raster) => void) | undefined;
  /** The checkpoint's safety checker flagged what was drawn, and it was blurred (SAFETY=blur). */
  readonly onBlurred?: ((which: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Awaited after each step: others may use the device meanwhile. */
  readonly makeWay?: (() => Promise<void>) | undefined;
}

type Size = Pick<Raster, 'width' | 'height'>;

export const SEED = 42;
/** How much of a draft a refinement draws anew when nobody says: enough for textures, too little for other things. */
export const REFINE = 0.4;
/** The soft band's default width and the active region's margin, as shares of the longer side. */
const EDGE = 20 / 512;
const MARGIN = 8 / 512;

const edgeOf = ({ width, height }: Size): number => Math.max(2, Math.round(EDGE * Math.max(width, height)));

/** What plans need to know of a picture besides its items. */
export const planning = (picture: Size): PlanOptions => ({
  edge: edgeOf(picture),
  margin: Math.max(1, Math.round(MARGIN * Math.max(picture.width, picture.height))),
});

/**
 * What is asked for, and elsewhere the checkpoint's makers' recommendations or the paper's settings. Guidance that is asked for is
 * meant for everything.
 */
export function editSettings(
  { checkpoint, family }: Pipeline,
  picture: Size,
  asked: Partial<EditOptions> = {},
): EditOptions {
  const { scheduler, recommended } = checkpoint;
  const { steps, guidance, sampler, strength, tries } = {
    // a drawing may take minutes: more than one are drawn where the checkpoint says that it is quick
    ...{ ...samplingDefaults(scheduler, family.denoiser.embedsGuidance), strength: 0.6, tries: 1 },
    ...recommended,
  };
  // what a few-step LoRA asks for is never exceeded
  const learnedGuidance = asked.guidance ?? Math.min(guidance, recommended.learnedGuidance ?? guidance);
  const defaults = {
    seed: SEED,
    steps,
    guidance,
    learnedGuidance,
    strength,
    edge: edgeOf(picture),
    redraw: 0,
    sampler,
    tries,
  };
  return { ...defaults, ...asked };
}

/** How items are learned where nobody says otherwise: as the paper does, or as the checkpoint's makers recommend. */
export function associationDefaults({ checkpoint, family }: Pipeline, asked?: Method): AssociationOptions {
  const { association } = checkpoint.recommended;
  const method = asked ?? association?.method ?? family.method;
  return { ...defaultsFor(method), ...association, method };
}
