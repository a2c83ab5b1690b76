/** What travels between the page and its server. Types alone: both sides compile against them. */

/** A reply as the page is told of it; pictures by address. */
export interface ShownReply {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  /** The picture it is about. */
  readonly revision?: string;
  readonly actions?: readonly { readonly label: string; readonly say: string }[];
  readonly items?: readonly { readonly number: number; readonly name: string }[];
  readonly link?: { readonly label: string; readonly url: string };
  readonly picture?: { readonly src: string; readonly thumb: string; readonly alt: string };
  readonly files?: readonly { readonly name: string; readonly href: string }[];
  /** What a refusal suggests: each may be said as it is. */
  readonly offers?: readonly string[];
  readonly help?: boolean;
  /** The pictures to choose from share it. */
  readonly strip?: string;
  /** Of one's own words: the id the page gave them. */
  readonly said?: string;
}

export type Status = 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED';

/** One picture of the tree. */
export interface ShownRevision {
  readonly id: string;
  readonly number: number;
  readonly parent: string | null;
  readonly say: string;
  readonly status: Status;
  readonly width: number | null;
  readonly height: number | null;
  readonly items: readonly string[];
  /** Further words work on it. */
  readonly current: boolean;
  /** Pictures to choose from share it. */
  readonly strip: string | null;
  /** A finer picture took the place of the first one. */
  readonly refined?: true;
  /** What kind of edit made it; undefined for the picture as it came. */
  readonly kind?: string;
  /** The items that the edit is about, 0-based, on the picture before. */
  readonly about?: readonly number[];
}

export interface ThreadState {
  readonly title: string | null;
  readonly checkpoint: string;
  readonly replies: readonly ShownReply[];
  readonly history: readonly ShownRevision[];
  /** How the learning of the items goes, once it was asked for. */
  readonly learning?: Status;
  /** Whether the items are still to be looked over: nothing was changed, and nothing is learned yet. */
  readonly asks: boolean;
  /** Address of the read-only link, while there is one; only its owner is told. */
  readonly share: string | null;
  /** Whether this is somebody else's picture, to look at. */
  readonly readOnly: boolean;
}

/** How far the work is: data, so that every page says it in its own words. */
export interface Work {
  readonly stage: 'segment' | 'learn' | 'edit' | 'refine';
  /** From 0 to 1. */
  readonly share: number;
  /** Since the stage began. */
  readonly elapsed: number;
  /** Seconds left, once they can be guessed. */
  readonly left?: number;
  /** Address of the picture forming. */
  readonly preview?: string;
}

export interface ThreadSummary {
  readonly thread: string;
  readonly title: string | null;
  readonly usedAt: string;
  readonly checkpoint: string;
  readonly revision?: string;
  readonly say?: string;
  readonly items: readonly string[];
  readonly shared: boolean;
}

/** What is true of this server, whoever asks. */
export interface About {
  readonly checkpoints: readonly string[];
  readonly samples: readonly string[];
  /** What can be done with an item here beyond what always can. */
  readonly can: readonly string[];
  readonly help: readonly { readonly title: string; readonly examples: readonly string[] }[];
}

/** What a link to the mask editor opens. */
export interface MaskTask {
  readonly name: string;
  /** 0-based. */
  readonly item: number;
  readonly width: number;
  readonly height: number;
  readonly revision: string;
  /** Unix seconds. */
  readonly expires: number;
  /** The way back to where the link was given. */
  readonly back?: { readonly url: string; readonly label: string };
}
