import type { Logger } from 'pino';
import { DiscordPlatform } from './bot/discord/platform.js';
import type { Platform } from './bot/platform.js';
import type { Config } from './config.js';

/** The platforms for which the settings have tokens. */
export function platformsOf(config: Config, logger: Logger): Platform[] {
  const platforms: Platform[] = [];
  const { CHECKPOINTS: checkpoints } = config;
  if (config.DISCORD_TOKEN)
    platforms.push(new DiscordPlatform({ token: config.DISCORD_TOKEN, checkpoints, logger }));
  return platforms;
}
