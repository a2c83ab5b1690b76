import { UserError } from '../engine/errors.js';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there, perhaps another dedit',
  EACCES: 'ports below 1024 are not for everybody',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this name is not known',
};

/** Why an address cannot be listened on, with the setting that chooses another; other errors as they are. */
export function listenTrouble(error: unknown, at: string, settings: string): unknown {
  const code = (error as { code?: string } | undefined)?.code ?? '';
  const why = WHY[code];
  return why ? new UserError(`${at} cannot be listened on (${code}): ${why}; set ${settings}`) : error;
}
