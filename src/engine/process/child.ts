/** The engine's process: does calls for the host that forked it (engine/process/host.ts). */
import { HostError, UserError } from '../errors.js';
import { InProcessEngine } from './inProcess.js';
import type { EngineOptions } from './options.js';
import { comeSecond } from '../niceness.js';
import { TakingTurns } from './takingTurns.js';
import { CALL_AT, type FromChild, PROTOCOL, type ToChild } from './protocol.js';

const options = JSON.parse(process.env.DEDIT_ENGINE ?? '{}') as EngineOptions;
comeSecond(options.niceness);

const engine = new TakingTurns(new InProcessEngine(options));
const aborts = new Map<number, AbortController>();
/** Calls that are on their way here. */
const announced = new Map<number, () => void>();

const send = (message: FromChild): void => {
  // an error means that the host is gone, and that is heard below
  if (process.connected) process.send!(message, undefined, undefined, () => {});
};

async function call({ id, method, args, progress }: ToChild & { type: 'call' }): Promise<void> {
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    const all = [...args];
    const at = CALL_AT[method];
    if (at !== undefined)
      all[at] = {
        signal: abort.signal,
        ...(progress ? { onProgress: (p: never) => send({ type: 'progress', id, progress: p }) } : {}),
      };
    const run = engine[method] as (...args: unknown[]) => Promise<unknown>;
    const result = run.apply(engine, all); // which asks for its turn
    announced.get(id)?.();
    announced.delete(id);
    send({ type: 'done', id, result: await result });
  } catch (error) {
    const { message, stack } = error as Error;
    const mendable = error instanceof UserError;
    const ofTheHost = error instanceof HostError;
    send({ type: 'failed', id, mendable, ofTheHost, message, ...(mendable ? {} : { stack }) });
  } finally {
    aborts.delete(id);
  }
}

process.on('message', (message: ToChild) => {
  if (message.type === 'soon') announced.set(message.id, engine.announce());
  else if (message.type === 'call') void call(message);
  else aborts.get(message.id)?.abort(new Error('aborted'));
});
// a terminal and a service manager tell the whole group to end: the host decides when its work is put back
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
// the host is gone: nobody wants the result any more
process.on('disconnect', () => process.exit(0));
send({ type: 'ready', protocol: Number(process.env.DEDIT_TEST_PROTOCOL ?? PROTOCOL) });
