import { PICTURE_NAME } from '../limits.js';

/** What is read of a file as Slack tells of it (docs.slack.dev/reference/objects/file-object). */
export interface SlackFile {
  readonly id: string;
  readonly name?: string;
  readonly mimetype?: string;
  readonly url_private?: string;
  readonly url_private_download?: string;
  readonly file_access?: string;
  readonly access?: string;
}

/** What is read of the events `message` and `app_mention`. */
export interface SlackMessage {
  readonly channel: string;
  readonly channel_type?: string;
  readonly ts: string;
  readonly thread_ts?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly subtype?: string;
  readonly text?: string;
  readonly files?: readonly SlackFile[];
}

/** Who the bot is in its workspace. */
export interface Self {
  readonly user: string | undefined;
  readonly bot: string | undefined;
}

/** A thread is a channel and the ts of the message it hangs on; in direct messages too. */
export const threadOf = (channel: string, ts: string): string => `${channel}:${ts}`;

export function placeOf(thread: string): { channel: string; thread_ts: string } {
  const [channel = '', thread_ts = ''] = thread.split(':');
  return { channel, thread_ts };
}

/** A message keeps its ts in every event that tells of it, also when Slack tells it again. */
export const messageId = ({ channel, ts }: { channel: string; ts: string }): string => `${channel}-${ts}`;

/** The same reaction, told twice or given again after it was taken back, is the same event. */
export const reactionId = (at: { channel: string; ts: string; user: string; emoji: string }): string =>
  `${at.channel}-${at.ts}-${at.user}-${at.emoji}`;

const SPOKEN = new Set([undefined, 'file_share', 'thread_broadcast']);

/** Whether a person said it: no edit, deletion, join, bot or app, ourselves least of all. */
export const isSpoken = (message: SlackMessage, self: Self): message is SlackMessage & { user: string } =>
  SPOKEN.has(message.subtype) && !message.bot_id && !!message.user && message.user !== self.user;

/** `<@U1>` or, from older clients, `<@U1|dedit>`. */
export const isMentioned = (text: string | undefined, self: Self): boolean =>
  self.user !== undefined && new RegExp(`<@${self.user}(?:\\|[^>]*)?>`).test(text ?? '');

/** The first file that may be a picture. What it is, the engine finds out; files of Slack Connect come without a type. */
export const firstPicture = (files: readonly SlackFile[] | undefined): SlackFile | undefined =>
  files?.find(
    ({ mimetype, name }) =>
      (!mimetype && !name) || mimetype?.startsWith('image/') || PICTURE_NAME.test(name ?? ''),
  );
