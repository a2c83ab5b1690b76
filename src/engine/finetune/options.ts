import type { LoraLayers, Method } from '../families/family.js';
import type { Learned } from '../families/learned.js';
import type { TrainerState } from './trainer.js';

export interface AssociationOptions {
  /**
   * Micro-steps of the first and second stage, of each picture that is learned; with accumulation A an update comes
   * every A of them.
   */
  readonly steps: readonly [number, number];
  readonly accumulation: number;
  readonly batch: number;
  readonly learningRates: readonly [number, number];
  /** M */
  readonly tokensPerItem: number;
  /** How often a cell of an item counts in the loss where one of the ground counts once; 1 in the paper. */
  readonly itemWeight: number;
  readonly method: Method;
  readonly rank: number;
  /** What a LoRA is of. */
  readonly layers: LoraLayers;
  readonly alpha: number;
  readonly seed: number;
  /** A stage ends where it no longer helps (see probe.ts) rather than after all its steps. */
  readonly stopsEarly: boolean;
}

/** Exactly so many micro-steps of each stage. */
export const exactly = (
  steps: readonly [number, number],
): Pick<AssociationOptions, 'steps' | 'stopsEarly'> => ({
  steps,
  stopsEarly: false,
});

/**
 * The paper's settings (arXiv 2403.04880, section 4.1): 500 micro-steps a stage and an effective batch of 10, here 2 rows
 * and an update every 5 micro-steps. Its code's script for SD has 5 rows (effective 25) and the one for SDXL 2: `--batch 5`
 * asks for the former.
 */
export const PAPER_DEFAULTS: AssociationOptions = {
  steps: [500, 500],
  accumulation: 5,
  batch: 2,
  learningRates: [1e-4, 5e-5],
  tokensPerItem: 5,
  itemWeight: 1,
  method: 'cross-attention',
  rank: 4,
  layers: 'attention',
  alpha: 4,
  seed: 42,
  stopsEarly: true,
};

/** The paper's settings for a method. */
export const defaultsFor = (method: Method): AssociationOptions =>
  method === 'lora'
    ? { ...PAPER_DEFAULTS, method, learningRates: [1e-4, 1e-4] }
    : { ...PAPER_DEFAULTS, method };

export interface Progress {
  readonly stage: 1 | 2;
  /** Micro-steps done, of this stage. */
  readonly step: number;
  readonly of: number;
  readonly loss: number;
}

/** Where an interrupted association stood: enough to go on as if nothing had happened. */
export interface AssociationState {
  readonly stage: 1 | 2;
  readonly step: number;
  /** What the stage started with. */
  readonly learned: Learned;
  /** Missing where the stage is still to begin. */
  readonly trainer?: TrainerState;
  /** What the probe told of this stage so far. */
  readonly probed: readonly number[];
  /** Micro-steps of the stages before. */
  readonly taken: number;
}

/** Micro-steps that were taken, of how many there might have been. */
export interface StepsTaken {
  readonly taken: number;
  readonly of: number;
}

export interface AssociationCallbacks {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Awaited after each micro-step: others may use the device meanwhile. */
  readonly makeWay?: (() => Promise<void>) | undefined;
  /** Called when the signal stops the work, with what resumes it. */
  readonly onInterrupted?: ((state: AssociationState) => void) | undefined;
  /** Goes on from here, and writes over the state's arrays. */
  readonly resume?: AssociationState | undefined;
  /** Called with what the first stage learned: several second stages may begin there. */
  readonly onTokens?: ((learned: Learned) => void) | undefined;
}
