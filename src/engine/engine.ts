import type { EditOptions, StepsTaken } from './editor.js';
import type { Edit, Item } from './edits/index.js';

/** A picture cut into items, as files: what is stored, and what travels between the host and its engine process. */
export interface StoredScene {
  /** PNG, 8-bit RGB. */
  readonly picture: Uint8Array;
  /** PNG, greyscale: every pixel's item, 0-based. */
  readonly labels: Uint8Array;
  readonly items: readonly Item[];
  /** The pixels of items that others partly cover, as `packLayers` writes them. */
  readonly layers?: Uint8Array | undefined;
  /** Other pictures whose items an edit uses, by letter. */
  readonly references?: Readonly<Record<string, StoredScene>>;
}

/** How a picture is cut. */
export interface Cutting {
  /** A label map instead of what is seen in the picture. */
  readonly labels?: Uint8Array;
  /** It is a reference: its items are numbered B1, B2, … */
  readonly letter?: string;
  /** Names of things that are to be its items, as far as they are seen. */
  readonly words?: readonly string[];
}

/** A scene as a person sees it. */
export interface ShownScene extends StoredScene {
  readonly width: number;
  readonly height: number;
  /** PNG: the picture with numbered outlines and a legend. */
  readonly overlay: Uint8Array;
  /** What was drawn is rough: the checkpoint cannot draw a picture like this. */
  readonly rough?: true;
  /** The checkpoint's safety checker flagged what was drawn, and it was blurred. */
  readonly blurred?: true;
  /** What became of the words that were to be its items, where that is not what was asked for. */
  readonly remarks?: readonly Remark[];
}

/** A sentence, without its full stop. */
export interface Remark {
  readonly text: string;
  /** Why, where that is for whoever runs dedit, as a `HostError` is. */
  readonly fault?: string;
}

export interface EngineProgress {
  readonly stage: 'segment' | 'learn' | 'edit' | 'refine';
  readonly step: number;
  readonly of: number;
  /** PNG of the picture forming, from time to time while editing. */
  readonly preview?: Uint8Array;
}

export interface EngineCall {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
  /** Awaited between two steps of what may be held up: learning, refining. */
  readonly makeWay?: (() => Promise<void>) | undefined;
}

/** A scene with what was learned of it, if anything was. */
export interface KnownScene extends StoredScene {
  readonly learned?: Uint8Array | undefined;
}

/**
 * The engine as sessions see it; `EngineHost` runs it in a child process. Every call rejects with a `UserError` for
 * what the person can mend, an `EngineFailure` for what may go better next time, and the signal's reason when aborted.
 */
export interface Engine {
  /** Decodes any picture a person sends (limits apply) and cuts it into items. */
  segment(picture: Uint8Array, how?: Cutting, call?: EngineCall): Promise<ShownScene>;
  /**
   * Learns a prompt for every item of the scene and of its references, together; what was `learned` of it before goes on
   * where pictures came since. The new `learned` is one small file.
   */
  associate(scene: KnownScene, options: { seed: number }, call?: EngineCall): Promise<LearnedItems>;
  edit(scene: KnownScene, edit: Edit, options: Partial<EditOptions>, call?: EngineCall): Promise<ShownScene>;
  /** The same edit once a seed, in batches as large as memory allows. */
  variants(
    scene: KnownScene,
    edit: Edit,
    options: Partial<EditOptions>,
    seeds: readonly number[],
    call?: EngineCall,
  ): Promise<ShownScene[]>;
  /** The draft of an edit drawn finer; undefined when the checkpoint would make it no better. */
  refine(
    before: StoredScene & { readonly learned: Uint8Array },
    edit: Edit,
    draft: StoredScene,
    options: Partial<EditOptions>,
    call?: EngineCall,
  ): Promise<ShownScene | undefined>;
  /** The items (0-based) with soft edges on nothing: a PNG with alpha, as large as they are. */
  cutOut(scene: StoredScene, items: readonly number[]): Promise<Uint8Array>;
  /** The pictures side by side with numbers, as a strip to choose from. */
  strip(pictures: readonly Uint8Array[]): Promise<Uint8Array>;
  /** Decodes a black-and-white mask a person sends, white inside, at the picture's size: one byte a pixel, 0 or 1. */
  mask(bytes: Uint8Array, size: { width: number; height: number }): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What association gives: the items of every picture, as they listen to it. */
export interface LearnedItems {
  readonly items: readonly Item[];
  readonly references?: Readonly<Record<string, readonly Item[]>>;
  readonly learned: Uint8Array;
  readonly steps: StepsTaken;
}

export type { StepsTaken } from './editor.js';

/** The engine process died, hung or ran out of memory. The job may be tried again; `message` is fit for a person. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  constructor(
    readonly code: 'crashed' | 'timeout' | 'memory' | 'version' | 'closed',
    message: string,
    /** It is for whoever runs dedit, as a `HostError` is. */
    readonly ofTheHost = false,
  ) {
    super(message);
  }
}
