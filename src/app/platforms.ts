import type { Logger } from 'pino';
import type { MaskLink } from '../bot/act.js';
import { discordHosts } from '../bot/discord/downloads.js';
import { DiscordPlatform } from '../bot/discord/platform.js';
import type { Platform } from '../bot/platform.js';
import { slackHosts } from '../bot/slack/files.js';
import { SlackPlatform } from '../bot/slack/platform.js';
import { maskLink } from '../bot/web/maskLink.js';
import { WebPlatform } from '../bot/web/platform.js';
import type { Config } from './config.js';
import type { Dedit } from './dedit.js';
import { Metrics } from './metrics.js';

const originOf = (address: string): string => new URL(address).origin;

/** Where people find the page. */
export const addressOf = ({ PUBLIC_URL, WEB_PORT }: Config): string =>
  PUBLIC_URL ?? `http://localhost:${WEB_PORT}`;

/** Links to the mask editor: on the page. One to this machine is good for who sits at it, and for nobody on Discord. */
export const maskLinks =
  (config: Config, secret: string): MaskLink =>
  (session, user, item, platform) =>
    config.WEB === 'on' && (config.PUBLIC_URL || platform === 'web')
      ? maskLink(secret, { session, user, item }, addressOf(config))
      : undefined;

/** The platforms for which the settings have tokens. */
export function platformsOf(config: Config, dedit: Dedit, secret: string, logger: Logger): Platform[] {
  const platforms: Platform[] = [];
  const { CHECKPOINTS: checkpoints } = config;
  if (config.DISCORD_TOKEN)
    platforms.push(
      new DiscordPlatform({
        ...{ token: config.DISCORD_TOKEN, checkpoints, logger },
        only: { channels: config.DISCORD_CHANNELS ?? [], roles: config.DISCORD_ROLES ?? [] },
        ...(config.DISCORD_SHARDS === 'auto'
          ? { shards: 'auto' as const }
          : { shardCount: config.DISCORD_SHARDS }),
        ...(config.DISCORD_API_URL
          ? {
              rest: { api: config.DISCORD_API_URL },
              allowedHosts: [...discordHosts, originOf(config.DISCORD_API_URL)],
            }
          : {}),
      }),
    );
  if (config.SLACK_BOT_TOKEN)
    platforms.push(
      new SlackPlatform({
        ...{ botToken: config.SLACK_BOT_TOKEN, appToken: config.SLACK_APP_TOKEN, checkpoints, logger },
        ...{
          signingSecret: config.SLACK_SIGNING_SECRET,
          host: config.SLACK_HOST,
          port: config.SLACK_PORT,
          pictures: config.SLACK_PICTURES,
          channels: config.SLACK_CHANNELS ?? [],
        },
        ...(config.SLACK_API_URL
          ? {
              slackApiUrl: config.SLACK_API_URL,
              allowedHosts: [...slackHosts, originOf(config.SLACK_API_URL)],
            }
          : {}),
      }),
    );
  if (config.WEB === 'on') {
    const metrics = new Metrics();
    metrics.watch(dedit);
    platforms.push(
      new WebPlatform({
        ...{ host: config.WEB_HOST, port: config.WEB_PORT, publicUrl: config.PUBLIC_URL, secret, logger },
        sessions: dedit.sessions,
        replies: dedit.replies,
        checkpoints,
        metrics: () => metrics.text(),
        ready: () => dedit.whyNotReady(),
      }),
    );
  }
  return platforms;
}
