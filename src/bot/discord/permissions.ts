import { PermissionFlagsBits, type PermissionsBitField } from 'discord.js';

const flags = PermissionFlagsBits;

/** What the bot needs where a session begins, by the names that Discord's settings show. */
const forSession = [
  ['View Channel', flags.ViewChannel],
  ['Send Messages', flags.SendMessages],
  ['Create Public Threads', flags.CreatePublicThreads],
  ['Send Messages in Threads', flags.SendMessagesInThreads],
  ['Attach Files', flags.AttachFiles],
  ['Read Message History', flags.ReadMessageHistory],
] as const;

const forThread = forSession.filter(
  ([, flag]) => flag !== flags.SendMessages && flag !== flags.CreatePublicThreads,
);

/** For the invite link: nothing an administrator would have to think about. */
export const invitePermissions: bigint = forSession.reduce((all, [, flag]) => all | flag, 0n);

/** The permissions that are missing, by name, for a new session or for a thread that is there. */
export function missingPermissions(
  has: Readonly<PermissionsBitField>,
  where: 'session' | 'thread',
): string[] {
  return (where === 'session' ? forSession : forThread)
    .filter(([, flag]) => !has.has(flag))
    .map(([name]) => name);
}

export const permissionsNeeded = (missing: readonly string[]): string =>
  missing.length === 0
    ? 'dedit lacks a permission here; ask an admin to let it send messages and files in threads of this channel.'
    : `dedit lacks ${missing.map((name) => `"${name}"`).join(', ')} here; ask an admin to allow ${missing.length === 1 ? 'it' : 'them'} for dedit in this channel's settings.`;

/** May cancel, undo and forget in others' sessions. */
export const isModerator = (has: Readonly<PermissionsBitField> | null | undefined): boolean =>
  has?.any(flags.ManageMessages | flags.ManageThreads) ?? false;
