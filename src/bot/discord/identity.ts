import { REST, Routes } from 'discord.js';
import { UserError } from '../../engine/errors.js';

const PATIENCE = 5_000;

/**
 * The bot's name on Discord.
 * @throws UserError when the token is not accepted; any other error when Discord cannot be asked
 */
export async function discordIdentity(token: string, api?: string): Promise<string> {
  const rest = new REST({ timeout: PATIENCE, retries: 0, ...(api ? { api } : {}) }).setToken(token);
  try {
    return ((await rest.get(Routes.user('@me'))) as { username: string }).username;
  } catch (error) {
    if ((error as { status?: number }).status !== 401) throw error;
    throw new UserError(
      'Discord does not accept DISCORD_TOKEN: copy it anew from the Bot page (docs/discord.md)',
    );
  }
}
