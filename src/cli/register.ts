import { readConfig } from '../app/config.js';
import { registerCommands } from '../bot/discord/commands.js';
import { UserError } from '../engine/errors.js';

/** `dedit register`: tells Discord the slash commands, once a version. */
export async function runRegister(): Promise<void> {
  const { DISCORD_TOKEN: token, DISCORD_GUILD_ID: guildId, DISCORD_API_URL: api } = readConfig();
  if (!token) throw new UserError('Discord needs DISCORD_TOKEN: see docs/discord.md');
  const { commands, invite } = await registerCommands({
    token,
    ...(guildId ? { guildId } : {}),
    ...(api ? { rest: { api } } : {}),
  });
  console.log(`registered ${commands.length} commands; invite the bot with ${invite}`);
}
