import { setTimeout as sleep } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import { fitPicture } from '../fitPicture.js';
import { shortened } from '../limits.js';
import type { Reply } from '../platform.js';
import { isDoubtful, refusal, retryAfter, slackCode } from './errors.js';
import { placeOf, type Self } from './events.js';
import type { Files, Staged } from './files.js';
import type { PostPacer } from './postPacer.js';
import { Recent } from '../recent.js';
import { blocksOf, cutEscaped, type Shown } from './render.js';
import type { Threads } from './threads.js';

/** Slack takes a gigabyte; a thread does not want it. */
const MAX_POST = 20 * 2 ** 20;
const TEXT = 3000;
/** What is tried when Slack finds a message too long all the same. */
const SHORT = 1000;
/** A picture that Slack has just got may not be named in blocks at once: tried so often, so many ms apart. */
const BLOCK_TRIES = 4;
const BLOCK_WAIT = 700;
/** After a refusal pictures are shared as files for so long, in ms; then blocks are tried again. */
const SHARE_FOR = 3600_000;
const METADATA = 'dedit_reply';
/** Answers to chat.update where another message is the way (docs.slack.dev/reference/methods/chat.update). */
const UNCHANGEABLE = new Set([
  ...['cant_update_message', 'message_not_found', 'edit_window_closed', 'invalid_blocks'],
  'block_mismatch',
]);

/** How far the sending of one reply has come; an attempt goes on where the one before it failed. */
interface Progress {
  /** The picture, uploaded. */
  file?: string;
  note?: string;
  /** The message with the picture, where the picture had to be shared by itself. */
  shown?: string;
  message?: string;
  filesShared?: true;
  /** After this message, by Slack's clock, one may be there that nobody confirmed. */
  doubtfulAfter?: string;
}

interface Place {
  readonly channel: string;
  readonly thread_ts: string;
}

/** Sends and edits messages. */
export class Sender {
  readonly #progress = new Recent<Progress>(500);
  /** Until when pictures are shared as files: this workspace refused one in a block. */
  #shareUntil = 0;
  /** The picture that an edited message shows: it goes when another takes its place. */
  readonly #shownIn = new Recent<string>(500);

  constructor(
    private readonly client: WebClient,
    private readonly files: Files,
    private readonly pace: PostPacer,
    private readonly threads: Threads,
    private readonly self: () => Self,
    private readonly options: { readonly blockWaitMs?: number; readonly share?: boolean } = {},
  ) {}

  get #sharing(): boolean {
    return this.options.share === true || performance.now() < this.#shareUntil;
  }

  async post(thread: string, reply: Reply, key: string): Promise<string> {
    const place = placeOf(thread);
    const progress = this.#progress.get(key) ?? {};
    this.#progress.set(key, progress);
    try {
      const id = await this.#send(place, reply, key, progress);
      this.threads.addMessage(place.channel, place.thread_ts, id);
      return id;
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds !== undefined) this.pace.hold(place.channel, seconds * 1000);
      throw refusal(error) ?? error;
    }
  }

  /** Another reply in the place of an earlier one. A picture in it is one that nobody else has: the last one goes. */
  async edit(thread: string, message: string, reply: Reply): Promise<void> {
    const { channel } = placeOf(thread);
    if (message.startsWith('file-')) return;
    const at = `${channel}:${message}`;
    const file = reply.picture && !this.#sharing ? await this.#staged(reply.picture) : undefined;
    const old = this.#shownIn.get(at);
    await this.client.chat.update({
      ...{ channel, ts: message, text: cutEscaped(reply.text, TEXT), blocks: blocksOf(reply, { file }) },
    });
    if (file) this.#shownIn.set(at, file);
    else this.#shownIn.delete(at);
    if (old) await this.files.remove(old);
  }

  /**
   * A picture in the place of another: a block of a message can be another block, a shared file cannot be another file, and
   * then the picture follows in a message of its own.
   */
  async replace(thread: string, message: string, reply: Reply, key: string): Promise<string> {
    const { channel, thread_ts } = placeOf(thread);
    if (this.#sharing || message.startsWith('file-')) return await this.post(thread, reply, key);
    const progress = this.#progress.get(key) ?? {};
    this.#progress.set(key, progress);
    try {
      if (!progress.file && reply.picture) await this.#upload(reply.picture, progress);
      if (progress.file) await this.files.processed(progress.file);
      const text = progress.note ? `${reply.text}\n${progress.note}` : reply.text;
      const blocks = blocksOf({ ...reply, text }, { file: progress.file });
      await this.client.chat.update({ channel, ts: message, text: cutEscaped(text, TEXT), blocks });
      this.threads.addMessage(channel, thread_ts, message);
      return message;
    } catch (error) {
      if (UNCHANGEABLE.has(slackCode(error) ?? '')) return await this.post(thread, reply, key);
      throw refusal(error) ?? error;
    }
  }

  async #staged(picture: NonNullable<Reply['picture']>): Promise<string> {
    const progress: Progress = {};
    await this.#upload(picture, progress);
    await this.files.processed(progress.file!);
    return progress.file!;
  }

  async #send(place: Place, reply: Reply, key: string, progress: Progress): Promise<string> {
    if (reply.picture && !progress.file && !progress.shown && !this.#sharing)
      await this.#upload(reply.picture, progress);
    const noted = progress.note ? { ...reply, text: `${reply.text}\n${progress.note}` } : reply;
    progress.message ??= await this.#say(place, noted, key, progress);
    if (reply.files && reply.files.length > 0 && !progress.filesShared) {
      const [first, ...others] = await Promise.all(
        reply.files.map(({ name, bytes }) => this.files.stage(name, bytes)),
      );
      await this.pace.turn(place.channel);
      await this.files.complete([first!, ...others], {
        ...{ channel_id: place.channel, thread_ts: place.thread_ts },
      });
      progress.filesShared = true;
    }
    // reactions go to the picture, buttons name the message they are on: the picture's is the one that counts
    return progress.shown ?? progress.message;
  }

  async #upload(picture: NonNullable<Reply['picture']>, progress: Progress): Promise<void> {
    const { name, bytes, note } = await fitPicture(picture, MAX_POST);
    const staged = await this.files.stage(name, bytes);
    await this.files.complete([staged]);
    progress.file = staged.id;
    if (note) progress.note = note;
  }

  /** The message: words, picture, buttons in one. */
  async #say(place: Place, reply: Reply, key: string, progress: Progress): Promise<string> {
    if (!reply.picture) return await this.#message(place, reply, {}, key, progress);
    if (progress.file && !progress.shown) {
      const ready = await this.files.processed(progress.file);
      for (let i = 0; i < BLOCK_TRIES; i++) {
        try {
          return await this.#message(place, reply, { file: progress.file }, key, progress);
        } catch (error) {
          if (slackCode(error) !== 'invalid_blocks') throw error;
          await sleep(this.options.blockWaitMs ?? BLOCK_WAIT);
        }
      }
      // one picture that takes Slack long says nothing of the next; one it has looked through and refuses does
      if (ready) this.#shareUntil = performance.now() + SHARE_FOR;
      await this.files.remove(progress.file);
      delete progress.file;
    }
    progress.shown ??= await this.#share(place, reply);
    const blocks = blocksOf(reply, { about: progress.shown });
    return blocks.length === 0
      ? progress.shown
      : await this.#message(place, reply, { about: progress.shown }, key, progress);
  }

  /** The picture as a shared file, which every workspace shows, with its words beside it. */
  async #share(place: Place, reply: Reply): Promise<string> {
    const { name, bytes } = await fitPicture(reply.picture!, MAX_POST);
    const staged: Staged = await this.files.stage(name, bytes);
    await this.pace.turn(place.channel);
    await this.files.complete([{ ...staged, title: shortened(reply.picture!.alt, 250) }], {
      channel_id: place.channel,
      thread_ts: place.thread_ts,
      initial_comment: cutEscaped(reply.text, TEXT),
    });
    // the picture is there; while its message is unknown words still work, reactions on it do not
    return (await this.files.sharedAs(staged.id, place.channel)) ?? `file-${staged.id}`;
  }

  async #message(place: Place, reply: Reply, shown: Shown, key: string, progress: Progress): Promise<string> {
    const there = await this.#find(place, key, progress);
    if (there) return there;
    await this.pace.turn(place.channel);
    const newest = this.threads.newest(place.channel, place.thread_ts);
    const send = async (said: Reply) =>
      (
        await this.client.chat.postMessage({
          ...place,
          text: cutEscaped(said.text, TEXT),
          blocks: blocksOf(said, shown),
          // nothing of what people write makes Slack fetch an address
          unfurl_links: false,
          unfurl_media: false,
          metadata: { event_type: METADATA, event_payload: { key } },
        })
      ).ts!;
    try {
      try {
        return await send(reply);
      } catch (error) {
        if (!['msg_too_long', 'msg_blocks_too_long'].includes(slackCode(error) ?? '')) throw error;
        return await send({ ...reply, text: shortened(reply.text, SHORT) });
      }
    } catch (error) {
      if (isDoubtful(error)) progress.doubtfulAfter ??= newest;
      throw error;
    }
  }

  /**
   * After an attempt without an answer: the message it may have made all the same. Slack knows no idempotency keys, so
   * ours travels in the message's metadata (docs.slack.dev/messaging/message-metadata).
   */
  async #find({ channel, thread_ts }: Place, key: string, progress: Progress): Promise<string | undefined> {
    const { doubtfulAfter: oldest } = progress;
    if (oldest === undefined) return undefined;
    try {
      const { messages = [] } = await this.client.conversations.replies({
        ...{ channel, ts: thread_ts, oldest, include_all_metadata: true, limit: 100 },
      });
      const found = messages.find((message) => {
        const { metadata, user } = message as { user?: string; metadata?: { event_payload?: object } };
        const said = metadata?.event_payload as { key?: string } | undefined;
        return user === this.self().user && said?.key === key;
      });
      return found?.ts;
    } catch (error) {
      // where we may not look, a message too many is better than none
      if (slackCode(error) === undefined) throw error;
      return undefined;
    }
  }
}
