import type { TaskKind } from './prisma/client.js';

/** What there is to tell in a thread. Stored in the outbox; the bot puts it into words when it sends it. */
export type Notice =
  /** The picture is cut: the numbered overlay of the post's revision. `remarks`: what of the wished items was not seen. */
  | { readonly kind: 'cut'; readonly remarks?: readonly string[] }
  /** A reference is cut: the overlay of the post's revision, with its letter before the numbers. */
  | { readonly kind: 'reference'; readonly remarks?: readonly string[] }
  /** The post's revision is done. `rough`: the checkpoint could not draw it well; `blurred`: its safety checker flagged it. */
  | { readonly kind: 'result'; readonly rough?: true; readonly blurred?: true }
  /** The post's revision has a finer picture than the one that was shown: it takes its place. */
  | { readonly kind: 'refined' }
  /** The numbers of the post's revision, after the last of a chain of edits. */
  | { readonly kind: 'numbers' }
  /** The picture the session stands at now, after undo, redo, use or show. */
  | { readonly kind: 'standing'; readonly text: string }
  /** The finished revisions of a strip side by side. */
  | { readonly kind: 'strip'; readonly strip: string }
  | {
      readonly kind: 'failed';
      readonly what: TaskKind;
      readonly say: string;
      readonly why: string;
    }
  /** Before and after. */
  | { readonly kind: 'compare'; readonly before: string; readonly after: string }
  /** Items (0-based) of a revision as a transparent picture. */
  | { readonly kind: 'cutOut'; readonly revision: string; readonly items: readonly number[] }
  | { readonly kind: 'export'; readonly revision: string }
  | { readonly kind: 'link'; readonly text: string; readonly label: string; readonly url: string }
  /** What a person said themselves, on a platform that keeps no words; a caption is done once the picture is cut. */
  | { readonly kind: 'said'; readonly text: string; readonly event: string; readonly caption?: true }
  | {
      readonly kind: 'words';
      readonly as: 'note' | 'refusal' | 'history';
      readonly text: string;
      /** What a refusal suggests: each may be said as it is. */
      readonly offers?: readonly string[];
      /** A refusal that asks this person which item is meant: what is done when they answer. */
      readonly question?: Question;
      /** The text lists what can be said. */
      readonly help?: boolean;
    };

/** What was asked for, with a mark where an item is missing, and how that was called (commands/asking.ts). */
export interface Question {
  readonly asked: string;
  readonly called: string;
  readonly user: string;
}
