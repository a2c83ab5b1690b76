import { DiscordAPIError, RESTJSONErrorCodes as Codes, type Client } from 'discord.js';
import { UserError } from '../../engine/errors.js';
import { missingPermissions, permissionsNeeded } from './permissions.js';

/** What Discord refuses for reasons of its own, by code, and what to do. */
const REFUSED: Readonly<Record<number, string>> = {
  [Codes.MaximumActiveThreads]:
    'This server has as many open threads as Discord allows; close some, or write to dedit directly.',
  [Codes.MaximumThreadParticipantsReached]:
    'This thread has as many members as Discord allows; send the picture in another channel.',
  [Codes.ThreadLocked]: 'This thread is locked; send the picture in the channel.',
};

const BROKEN = 'Something went wrong on our side and nothing was done; please try again.';

/** The token is gone: more than three seconds went by, or another process was first. */
export const isStale = (error: unknown): boolean =>
  error instanceof DiscordAPIError &&
  (error.code === Codes.UnknownInteraction || error.code === Codes.InteractionHasAlreadyBeenAcknowledged);

export function forPerson(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return (error instanceof DiscordAPIError && REFUSED[Number(error.code)]) || BROKEN;
}

/** For a person; what Discord forbids is named permission by permission. */
export async function explain(client: Client<true>, error: unknown, channelId: string): Promise<string> {
  if (
    !(error instanceof DiscordAPIError) ||
    (error.code !== Codes.MissingPermissions && error.code !== Codes.MissingAccess)
  )
    return forPerson(error);
  const channel = await client.channels.fetch(channelId).catch(() => null);
  const has = channel && !channel.isDMBased() ? channel.permissionsFor(client.user) : null;
  return permissionsNeeded(has ? missingPermissions(has, 'session') : []);
}
