import { ErrorCode, WebClient } from '@slack/web-api';
import { UserError } from '../../engine/errors.js';

const PATIENCE = 5_000;

/**
 * The bot's name and workspace on Slack.
 * @throws UserError when the token is not accepted; any other error when Slack cannot be asked
 */
export async function slackIdentity(token: string, slackApiUrl?: string): Promise<string> {
  const client = new WebClient(token, {
    timeout: PATIENCE,
    retryConfig: { retries: 0 },
    ...(slackApiUrl ? { slackApiUrl } : {}),
  });
  try {
    const { user, team } = await client.auth.test();
    return `${user} in ${team}`;
  } catch (error) {
    if ((error as { code?: string }).code !== (ErrorCode.PlatformError as string)) throw error;
    throw new UserError(
      'Slack does not accept SLACK_BOT_TOKEN: copy it anew from OAuth & Permissions (docs/slack.md)',
    );
  }
}
