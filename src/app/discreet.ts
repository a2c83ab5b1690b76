/**
 * Engines as people in chat meet them: what is wrong with the files of a bot is for whoever runs it. Those find folders
 * and settings in the log, people read what they can do. The command line keeps every word: there, both are one person.
 */
import { type Engine, EngineFailure } from '../engine/engine.js';
import { UserError } from '../engine/errors.js';

type Log = { error(fields: object, text: string): void };

/** Folders, files that models lie in, and options of the command line: people in chat can do nothing with them. */
const OF_THE_HOST =
  /(?:^|[\s"'(:=])(?:~|\.{1,2})?\/[^\s"'/]+\/|\b[A-Za-z]:[\\/]|\.(?:json|safetensors|onnx|txt|bin|ckpt|pth?|lock|[cm]?js|node|so)\b|(?:^|\s)--[a-z]/;

/** Whether a sentence is for whoever runs this. */
export const isOfTheHost = (text: string): boolean => OF_THE_HOST.test(text);

const WHAT = 'something that this bot works with is not as it should be';
const FAULT = `${WHAT}: tell whoever runs it, its log says what; then try again`;

/** What `open` opens, discreetly; what people are not told is logged. */
export const discreetly =
  <Part extends readonly unknown[]>(open: (checkpoint: string, ...part: Part) => Engine, logger: Log) =>
  (checkpoint: string, ...part: Part): Engine => {
    const log = (error: unknown): void =>
      logger.error({ err: error, checkpoint }, 'people were told that something here is not as it should be');
    try {
      return discreet(open(checkpoint, ...part), log);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // it was there when dedit started
      log(error);
      throw new UserError(FAULT);
    }
  };

function discreet(engine: Engine, log: (error: unknown) => void): Engine {
  return new Proxy(engine, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        try {
          return withoutHost(await (member.apply(target, args) as Promise<unknown>), log);
        } catch (error) {
          throw told(error, log);
        }
      };
    },
  });
}

function told(error: unknown, log: (error: unknown) => void): unknown {
  const isForPeople = error instanceof UserError || error instanceof EngineFailure;
  if (!isForPeople || !isOfTheHost(error.message)) return error;
  log(error);
  return error instanceof EngineFailure ? new EngineFailure(error.code, FAULT) : new UserError(FAULT);
}

/** What comes back, where its remarks say what could not be used: they begin with what that means for the picture. */
function withoutHost(result: unknown, log: (error: unknown) => void): unknown {
  const { remarks } = (result ?? {}) as { readonly remarks?: readonly string[] };
  if (!remarks?.some(isOfTheHost)) return result;
  return {
    ...(result as object),
    remarks: remarks.map((remark) => {
      if (!isOfTheHost(remark)) return remark;
      log(new UserError(remark));
      return remark.replace(/: .*$/s, `: ${WHAT}, and its log says what`);
    }),
  };
}
