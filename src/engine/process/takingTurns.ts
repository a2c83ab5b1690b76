import { isDrafted } from '../edits/index.js';
import type { Engine, EngineCall, ShownScene } from '../engine.js';
import type { InProcessEngine } from './inProcess.js';
import { type MakeWay, Turns } from './turns.js';

/** An engine whose calls take turns: learning and refining make way for the others, step by step. */
export class TakingTurns implements Engine {
  readonly #turns = new Turns();

  constructor(private readonly engine: InProcessEngine) {}

  /** A call is on its way here. @returns to be called when it has begun */
  announce(): () => void {
    return this.#turns.announce();
  }

  async segment(...call: Parameters<Engine['segment']>): Promise<ShownScene> {
    return await this.#turns.take(() => this.engine.segment(...call));
  }

  async associate(
    ...[scene, options, call = {}]: Parameters<Engine['associate']>
  ): ReturnType<Engine['associate']> {
    return await this.#turns.inBackground((makeWay) =>
      this.engine.associate(scene, options, making(makeWay, call)),
    );
  }

  async edit(...call: Parameters<Engine['edit']>): Promise<ShownScene> {
    const [scene, edit, { redraw }] = call;
    const isDrawn = !isDrafted(edit) || redraw;
    return await this.#turns.take(
      () => this.engine.edit(...call),
      async () => !isDrawn || (await this.engine.fitsBeside(scene)),
    );
  }

  async variants(...call: Parameters<Engine['variants']>): Promise<ShownScene[]> {
    return await this.#turns.take(
      () => this.engine.variants(...call),
      () => this.engine.fitsBeside(call[0]),
    );
  }

  async refine(
    ...[before, edit, draft, options, call = {}]: Parameters<Engine['refine']>
  ): Promise<ShownScene | undefined> {
    return await this.#turns.inBackground((makeWay) =>
      this.engine.refine(before, edit, draft, options, making(makeWay, call)),
    );
  }

  // these need no device
  async cutOut(...call: Parameters<Engine['cutOut']>): Promise<Uint8Array> {
    return await this.engine.cutOut(...call);
  }
  async strip(...call: Parameters<Engine['strip']>): Promise<Uint8Array> {
    return await this.engine.strip(...call);
  }
  async mask(...call: Parameters<Engine['mask']>): Promise<Uint8Array> {
    return await this.engine.mask(...call);
  }
  async close(): Promise<void> {
    await this.engine.close();
  }
}

const making = (makeWay: MakeWay, call: EngineCall): EngineCall => ({
  ...call,
  makeWay: () => makeWay(call.signal),
});
