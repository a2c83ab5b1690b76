import type { EngineProgress } from '../engine/engine.js';

/** The platforms people write from. */
export type PlatformName = 'discord' | 'slack' | 'web' | 'terminal';

/** Who did something, and where. */
export interface Origin {
  /** The platform's own id of the event: an event that is told twice is acted on once. */
  readonly id: string;
  readonly platform: PlatformName;
  /** The thread's id, unique on its platform; a session lives in one thread. */
  readonly thread: string;
  /** The person's id, unique on its platform. */
  readonly user: string;
  /** Whether the platform lets this person moderate the thread: cancel, undo and forget in others' sessions. */
  readonly moderator?: boolean;
  /**
   * Whether the bot is meant, so that it answers where there is no picture: 'directly' by a mention, a direct message,
   * a press; 'perhaps' by words in a thread that it began.
   */
  readonly meant?: 'directly' | 'perhaps';
}

/** One thing a person did. Buttons and menus are told as the words they stand for. */
export type ChatEvent =
  /** A picture to cut; the adapter has made the thread already. Bytes as they came: nothing is decoded here. */
  | (Origin & {
      readonly kind: 'upload';
      readonly picture: Uint8Array;
      /** Pictures that came with it, whose items may be used. */
      readonly references?: readonly Uint8Array[];
      readonly checkpoint?: string;
      /** What its items are to be, as it was written: "dog, ball". A caption may say so, too. */
      readonly items?: string;
      /** What was written with the picture: done once it is cut. */
      readonly text?: string;
    })
  /** Words in a session's thread. `replyTo` is the id of the bot's message they answer or whose button was pressed. */
  | (Origin & {
      readonly kind: 'say';
      readonly text: string;
      readonly replyTo?: string;
      /** A picture: a mask if the words reshape an item, another reference otherwise. */
      readonly attachment?: Uint8Array;
      /** The platform keeps no words itself: they are kept with what answers them, and told in the thread again. */
      readonly kept?: boolean;
    })
  /** A reaction on one of the bot's messages; `emoji` as unicode ("3️⃣", "↩️", "🔁", "🗑️"). */
  | (Origin & { readonly kind: 'react'; readonly emoji: string; readonly message: string });

export interface ReplyPicture {
  /** File name without a path, for example "overlay.png". */
  readonly name: string;
  /** PNG bytes; the adapter fits them to its platform's limit and says so when it had to (see `fitPicture`). */
  readonly png: Uint8Array;
  /** Alternative text for people who do not see the picture. */
  readonly alt: string;
}

/** What the bot answers. Text is plain: an adapter escapes it for its platform, and nothing in it ever pings. */
export interface Reply {
  readonly kind:
    | 'overlay' // the numbered items
    | 'reference' // those of a reference picture
    | 'result' // an edited picture
    | 'cutout' // items over nothing: a PNG with alpha
    | 'strip' // several pictures in one: a series, a choice to `use`
    | 'compare'
    | 'history'
    | 'export'
    | 'preview' // a picture forming; only ever an update of a progress message
    | 'progress'
    | 'note'
    | 'refusal'
    | 'said'; // a person's own words, where the platform keeps none itself
  readonly text: string;
  readonly picture?: ReplyPicture;
  /** The message whose place this reply takes, as a refined picture takes that of its draft. */
  readonly replaces?: string;
  /** Other files, as an export's. */
  readonly files?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Buttons: a press says `say` in the thread as a reply to this message. At most 5. */
  readonly actions?: readonly { readonly label: string; readonly say: string }[];
  /** The picture's items, for a select menu; `number` is what people see, from 1. */
  readonly items?: readonly { readonly number: number; readonly name: string }[];
  /** How far the work is, of a progress message: 0 to 1, and seconds left where they can be told. */
  readonly progress?: {
    readonly stage: EngineProgress['stage'];
    readonly share: number;
    readonly seconds?: number;
    /** The work is over. */
    readonly over?: boolean;
  };
  readonly link?: { readonly label: string; readonly url: string };
  /** What a refusal suggests: each may be said as it is. */
  readonly offers?: readonly string[];
  /** The text lists what can be said. */
  readonly help?: boolean;
  /** The revisions side by side share it. */
  readonly strip?: string;
  /** Of a person's own words: the event that brought them. */
  readonly said?: string;
}

/**
 * Stores the event; when it resolves, nothing of it can be lost any more. Never throws for what a person did.
 * @returns 'dropped' when the person says too much at once, or there is no room: it was not stored, and may be told again
 */
export type EventHandler = (event: ChatEvent) => Promise<'dropped' | void>;

export type HasSession = (thread: string) => Promise<boolean>;

/** An item, by its number, of the picture that a message shows: what a person chose. Undefined where there is none. */
export type ShowItem = (
  thread: string,
  message: string,
  number: number,
) => Promise<{ readonly name: string; readonly png?: Uint8Array } | undefined>;

/** The port each adapter implements; no editing logic behind it. */
export interface Platform {
  readonly name: PlatformName;
  /**
   * Begins to listen; every event goes to `handle`, and platforms that want an early acknowledgement get it first.
   * @param hasSession whether a picture is talked about in a thread: the database knows, and nothing else does
   * @param showItem for platforms whose menus can show what was chosen
   */
  start(handle: EventHandler, hasSession: HasSession, showItem?: ShowItem): Promise<void>;
  /**
   * Sends a reply and resolves to its message id on the platform.
   * @param key the same for every attempt to send this reply: platforms that know idempotency keys get it
   * @throws any error: the outbox tries again, alone, without doing the edit again. `PostRefused` is final.
   */
  post(thread: string, reply: Reply, key: string): Promise<string>;
  /** Puts another reply in the place of an earlier one, picture and all: a courtesy, of which the newest is enough. */
  update(thread: string, message: string, reply: Reply): Promise<void>;
  /**
   * Puts a finished picture in the place of another, surely, and resolves to the id of the message that shows it: one of its
   * own where the earlier one cannot be changed. Platforms without it get a message of its own.
   * @param key as for `post`
   * @throws any error, as `post`
   */
  replace?(thread: string, message: string, reply: Reply, key: string): Promise<string>;
  /** Shows how far the work of a thread is, as data, instead of messages that say so; `undefined`: it is over. */
  work?(thread: string, work: EngineProgress | undefined): void;
  stop(): Promise<void>;
}

/** The platform will never take this reply: the thread is gone, a permission is missing. `message` says what to do. */
export class PostRefused extends Error {
  override readonly name = 'PostRefused';
}
