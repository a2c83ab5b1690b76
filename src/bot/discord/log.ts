import type { Logger } from 'pino';

/** What of a logger is used here. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
