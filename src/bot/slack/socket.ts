import { SocketModeReceiver } from '@slack/bolt';
import type { FetchFunction, WebClientOptions } from '@slack/web-api';
import { UserError } from '../../engine/errors.js';

const WRONG_TOKEN =
  'the Slack app token must be one with the scope connections:write (xapp-…): make it under Basic Information, App-Level Tokens';

/** Answers to apps.connections.open after which Slack's client would ask for ever, and `start` would never end. */
const HOPELESS = new Set(['missing_scope', 'not_allowed_token_type']);

/** Answers after which it gives up: right at the start, but later by throwing where nobody can catch it. */
const GIVES_UP = new Set([
  ...['not_authed', 'invalid_auth', 'account_inactive', 'user_removed_from_team', 'team_disabled'],
  ...['token_revoked', 'token_expired'],
]);

/** Socket Mode: Bolt's receiver, with what it lacks where Slack is away or the token is the wrong one. */
export class Socket {
  readonly receiver: SocketModeReceiver;
  /** Rejects when this token will never do. */
  readonly refused: Promise<never>;

  constructor(appToken: string, client: WebClientOptions) {
    let refuse!: (error: UserError) => void;
    this.refused = new Promise((_, reject) => (refuse = reject));
    this.refused.catch(() => {});
    let connected = false;
    this.receiver = new SocketModeReceiver({
      appToken,
      ...(client.logger ? { logger: client.logger } : {}),
      installerOptions: {
        clientOptions: {
          ...client,
          rejectRateLimitedCalls: false,
          // a new connection is asked for until there is one: the rejection after the last try would end the process
          retryConfig: { forever: true, unref: true, minTimeout: 500, factor: 1.5, maxTimeout: 30_000 },
          fetch: async (url, init) => {
            let response = await fetch(url, init as RequestInit);
            const { ok, error = '' } = (await response
              .clone()
              .json()
              .catch(() => ({}))) as { ok?: boolean; error?: string };
            if (ok) connected = true;
            else if (HOPELESS.has(error)) refuse(new UserError(WRONG_TOKEN));
            else if (connected && GIVES_UP.has(error)) {
              client.logger?.error(
                `the app token is no longer accepted (${error}): mend it, see docs/slack.md`,
              );
              response = new Response(null, { status: 503 });
            }
            // the same by two names: Node's fetch, and what Slack's client writes down of it
            return response as unknown as Awaited<ReturnType<FetchFunction>>;
          },
        },
      },
    });
  }
}
