import { type Logger, LogLevel } from '@slack/bolt';

/** What of a logger is used here. */
export interface Log {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** Slack's libraries write their warnings into our log; their debug lines hold requests and are left out. */
export const slackLogger = (log: Log | undefined): Logger => ({
  debug() {},
  info() {},
  warn: (...words) => log?.warn({}, `Slack: ${words.map(String).join(' ')}`),
  error: (...words) => log?.error({}, `Slack: ${words.map(String).join(' ')}`),
  setLevel() {},
  getLevel: () => LogLevel.WARN,
  setName() {},
});
