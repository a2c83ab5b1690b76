import { ErrorCode } from '@slack/web-api';
import { UserError } from '../../engine/errors.js';
import { PostRefused } from '../platform.js';

const INVITE = 'invite the bot into the channel (/invite @dedit)';
const ASK_ADMIN = "ask an admin of the workspace to allow it in the app's settings";

/** The place takes nothing from us, whatever it is; another place may. What to do about each. */
const PLACE: Readonly<Record<string, string>> = {
  channel_not_found: `I do not see that channel: it is gone, or private and I am not in it; ${INVITE}`,
  not_in_channel: `I am not in that channel: ${INVITE}`,
  is_archived: 'the channel is archived: unarchive it, or send the picture in another one',
  thread_not_found: 'the thread is gone: send the picture again',
  cannot_reply_to_message: 'this message takes no replies: send the picture by itself',
  restricted_action: 'the channel lets only some people post: ask its admin to let the bot',
  restricted_action_read_only_channel: 'the channel is read-only: send the picture in another one',
  restricted_action_thread_locked: 'the thread is locked: send the picture again',
  restricted_action_thread_only_channel: 'the channel takes replies only: send the picture in a thread',
  restricted_action_non_threadable_channel: 'the channel has no threads: send the picture in another one',
  posting_to_general_channel_denied: 'only some people may post in this channel: use another one',
  team_access_not_granted: `the app may not act in this workspace: ${ASK_ADMIN}`,
  access_denied: `Slack denies the app access here: ${ASK_ADMIN}`,
  no_permission: `the app may not post here: ${ASK_ADMIN}`,
  ekm_access_denied: 'an admin has suspended posting (Enterprise Key Management)',
  messages_tab_disabled: 'direct messages to the app are off: switch on its Messages Tab under App Home',
};

/** What no place would take. */
const NEVER: Readonly<Record<string, string>> = {
  file_uploads_disabled: 'the workspace allows no file uploads: ask an admin to allow them for this app',
  file_uploads_except_images_disabled: 'the workspace allows uploads of pictures only',
  file_type_not_allowed: 'the workspace does not allow this type of file',
  file_upload_size_restricted: 'the workspace does not allow files of this size',
  storage_limit_reached: "the workspace's file storage is full: delete old files or ask an admin",
  slack_connect_file_upload_sharing_blocked:
    'a workspace in this shared channel (Slack Connect) blocks files: use a channel of your own',
  slack_connect_clip_sharing_blocked: 'a workspace in this shared channel (Slack Connect) blocks files',
  enterprise_is_restricted: 'the app is not approved in this organisation: ask an admin to approve it',
};

/** Whoever runs the bot mends these; what waits is sent once they have. */
const TOKEN = new Set(['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired']);

/** Slack's short name of an error that it answered, for example "not_in_channel". */
export function slackCode(error: unknown): string | undefined {
  const { code, data } = (error ?? {}) as { code?: string; data?: { error?: string } };
  return code === (ErrorCode.PlatformError as string) ? data?.error : undefined;
}

const missingScope = (error: unknown): string =>
  `the app lacks the scope ${(error as { data: { needed?: string } }).data.needed ?? '?'}: add it under OAuth & Permissions in the app's settings and install it anew (docs/slack.md)`;

/** Why nothing can be said at this place, though perhaps at another. */
export const placeTrouble = (error: unknown): string | undefined => PLACE[slackCode(error) ?? ''];

/** What is final, in words that say what to do. */
export function refusal(error: unknown): PostRefused | undefined {
  const code = slackCode(error);
  if (code === undefined) return undefined;
  if (code === 'missing_scope') return new PostRefused(missingScope(error));
  const what = PLACE[code] ?? NEVER[code];
  return what === undefined ? undefined : new PostRefused(what);
}

/** What whoever runs the bot has to mend before anything works. */
export function setupTrouble(error: unknown, token: 'bot' | 'app' = 'bot'): UserError | undefined {
  const code = slackCode(error);
  if (code === 'missing_scope') return new UserError(missingScope(error));
  if (code !== undefined && TOKEN.has(code))
    return new UserError(
      `Slack does not accept the ${token} token (${code}): copy it anew, see docs/slack.md`,
    );
  return undefined;
}

/** Slack did not answer, or nothing that it says. */
export function unreachable(error: unknown): UserError | undefined {
  const { code, original } = (error ?? {}) as { code?: string; original?: { cause?: { code?: string } } };
  if (code !== (ErrorCode.RequestError as string) && code !== (ErrorCode.HTTPError as string))
    return undefined;
  const why = original?.cause?.code ?? 'no answer';
  return new UserError(`Slack cannot be reached (${why}): check the network, then start again`);
}

/** How many seconds Slack wants to be left alone, if that is the trouble. */
export function retryAfter(error: unknown): number | undefined {
  const { code, retryAfter: seconds } = error as { code?: string; retryAfter?: number };
  if (code === (ErrorCode.RateLimitedError as string)) return seconds ?? 1;
  return ['ratelimited', 'rate_limited'].includes(slackCode(error) ?? '') ? 5 : undefined;
}

/** Whether Slack may have done what was asked although no answer says so. */
export function isDoubtful(error: unknown): boolean {
  if (retryAfter(error) !== undefined) return false;
  const code = slackCode(error);
  // "It's possible some aspect of the operation succeeded before the error was raised" (docs of every method)
  return code === undefined || code === 'fatal_error' || code === 'internal_error';
}

const BROKEN = 'Something went wrong on our side and nothing was done; please try again.';

export const forPerson = (error: unknown): string =>
  error instanceof UserError || error instanceof PostRefused
    ? error.message
    : ((refusal(error) ?? setupTrouble(error))?.message ?? BROKEN);

/** An error as it may be logged: Slack's answer may repeat what people wrote, and requests hold the token. */
export function loggable(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const slack = slackCode(error);
  return { type: error.name, message: error.message, stack: error.stack, ...(slack ? { slack } : {}) };
}
