/**
 * Engines as people in chat meet them: what is wrong with the files of a bot is for whoever runs it. Those find folders
 * and settings in the log, people read what they can do. The command line keeps every word: there, both are one person.
 */
import { type Engine, EngineFailure, type ShownScene } from '../engine/engine.js';
import { HostError, UserError } from '../engine/errors.js';

type Log = { error(fields: object, text: string): void };

const WHAT = 'something that this bot works with is not as it should be';
const FAULT = `${WHAT}: tell whoever runs it, its log says what; then try again`;

/** What `open` opens, discreetly; what people are not told is logged. */
export const discreetly =
  <Part extends readonly unknown[]>(open: (checkpoint: string, ...part: Part) => Engine, logger: Log) =>
  (checkpoint: string, ...part: Part): Engine => {
    const log = (error: unknown): void =>
      logger.error({ err: error, checkpoint }, 'people were told that something here is not as it should be');
    try {
      return new DiscreetEngine(open(checkpoint, ...part), log);
    } catch (error) {
      throw told(error, log);
    }
  };

class DiscreetEngine implements Engine {
  constructor(
    private readonly engine: Engine,
    private readonly log: (error: unknown) => void,
  ) {}

  segment: Engine['segment'] = async (...args) =>
    withoutFaults(await this.#asking(this.engine.segment(...args)), this.log);
  associate: Engine['associate'] = (...args) => this.#asking(this.engine.associate(...args));
  edit: Engine['edit'] = (...args) => this.#asking(this.engine.edit(...args));
  variants: Engine['variants'] = (...args) => this.#asking(this.engine.variants(...args));
  refine: Engine['refine'] = (...args) => this.#asking(this.engine.refine(...args));
  cutOut: Engine['cutOut'] = (...args) => this.#asking(this.engine.cutOut(...args));
  strip: Engine['strip'] = (...args) => this.#asking(this.engine.strip(...args));
  mask: Engine['mask'] = (...args) => this.#asking(this.engine.mask(...args));
  close: Engine['close'] = () => this.engine.close();

  async #asking<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw told(error, this.log);
    }
  }
}

/** The error as people hear of it. */
function told(error: unknown, log: (error: unknown) => void): unknown {
  const isFailure = error instanceof EngineFailure;
  if (!(isFailure ? error.ofTheHost : error instanceof HostError)) return error;
  log(error);
  return isFailure ? new EngineFailure(error.code, FAULT) : new UserError(FAULT);
}

/** The remarks say what something that could not be used means for the picture, and no more. */
function withoutFaults(scene: ShownScene, log: (error: unknown) => void): ShownScene {
  if (!scene.remarks) return scene;
  const remarks = scene.remarks.map(({ text, fault }) => {
    if (!fault) return { text };
    log(new HostError(fault));
    return { text: `${text}: ${WHAT}, and its log says what` };
  });
  return { ...scene, remarks };
}
