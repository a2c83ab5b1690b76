import type { TextBasedChannel } from 'discord.js';

/** Where pictures may be begun, and by whom: ids of channels and roles; everywhere and everybody when empty. */
export interface Restrictions {
  readonly channels: readonly string[];
  readonly roles: readonly string[];
}

/** Why this person may not begin a picture here; undefined when they may. Direct messages have neither. */
export function barred(
  { channels, roles }: Restrictions,
  channel: Pick<TextBasedChannel, 'id' | 'isThread' | 'isDMBased'> & { readonly parentId?: string | null },
  has: readonly string[],
): string | undefined {
  if (channel.isDMBased())
    return roles.length > 0 ? 'Pictures are begun in the server here, not in direct messages.' : undefined;
  const here = channel.isThread() ? channel.parentId : channel.id;
  if (channels.length > 0 && !channels.includes(here ?? ''))
    return `dedit is used in ${channels.map((id) => `<#${id}>`).join(', ')} here.`;
  if (roles.length > 0 && !has.some((role) => roles.includes(role)))
    return `Only some roles may begin a picture here: ${roles.map((id) => `<@&${id}>`).join(', ')}.`;
  return undefined;
}
