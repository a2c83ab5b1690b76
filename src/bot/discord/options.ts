import type { HasSession, ShowItem } from '../platform.js';
import type { Restrictions } from './restrict.js';
import type { Log } from './log.js';

/** What those who listen on Discord are told. */
export interface ListenerOptions {
  readonly checkpoints: readonly string[];
  readonly help: string;
  readonly allowedHosts: readonly string[];
  /** Whether Discord tells the words of messages that do not address the bot. */
  readonly readsMessages: boolean;
  readonly hasSession: HasSession;
  readonly showItem?: ShowItem | undefined;
  readonly only: Restrictions;
  readonly logger: Log;
}
