import type { Command } from './command.js';

const WORDS =
  /^(?:status|progress|eta|how (?:long|far|much longer)(?: (?:will|does|do|is|are) .{1,30}| left| now)?|are (?:you|we) (?:there|done|ready|working|stuck|alive)(?: yet)?|is it (?:done|ready|finished|working|stuck)(?: yet)?|(?:done|ready|finished) yet|what are you doing|what(?: is|'s|s) (?:going on|happening|taking so long|the status))$/i;

export const status: Command = {
  name: 'status',
  help: 'say what is being done and what waits',
  examples: ['status', 'how long'],
  parse: (text) => (WORDS.test(text) ? { kind: 'status' } : undefined),
};
