import type { EngineProgress } from '../../engine/engine.js';
import { fitted } from './pictures.js';
import type { Work } from './wire.js';

/** A page is told this often at most, and sees the picture forming this often, in ms. */
const PACE = 250;
const PREVIEW_PACE = 1000;
const PREVIEW_SIDE = 640;
/** Before this share is done, how long the rest takes is anybody's guess. */
const TELLING = 0.05;

interface Shown {
  stage: EngineProgress['stage'];
  started: number;
  told: number;
  pictured: number;
  preview?: string;
  work: Work;
}

/** How far the work of each thread is: told as it goes, and to pages that come in the middle of it. */
export class WorkBoard {
  readonly #of = new Map<string, Shown>();

  constructor(
    private readonly tell: (thread: string, work: Work | null) => void,
    private readonly now: () => number = Date.now,
  ) {}

  current(thread: string): Work | undefined {
    return this.#of.get(thread)?.work;
  }

  /** @param progress undefined when the work is over */
  update(thread: string, progress: EngineProgress | undefined): void {
    if (!progress) {
      if (this.#of.delete(thread)) this.tell(thread, null);
      return;
    }
    const shown = this.#shown(thread, progress);
    if (progress.preview && this.now() - shown.pictured >= PREVIEW_PACE) {
      shown.pictured = this.now();
      void this.#picture(thread, shown, progress.preview);
    }
    if (this.now() - shown.told >= PACE) this.#say(thread, shown);
  }

  #shown(thread: string, { stage, step, of }: EngineProgress): Shown {
    const before = this.#of.get(thread);
    const same = before?.stage === stage && (before.work.share <= step / of || step > 0);
    const started = same ? before.started : this.now();
    const share = of > 0 ? Math.min(1, step / of) : 0;
    const elapsed = (this.now() - started) / 1000;
    const preview = same ? before.preview : undefined;
    const work: Work = {
      ...{ stage, share, elapsed },
      ...(share > TELLING ? { left: elapsed / share - elapsed } : {}),
      ...(preview ? { preview } : {}),
    };
    const shown = same ? before : { stage, started, told: 0, pictured: 0, work };
    shown.work = work;
    this.#of.set(thread, shown);
    return shown;
  }

  async #picture(thread: string, shown: Shown, png: Uint8Array): Promise<void> {
    try {
      const small = await fitted(png, PREVIEW_SIDE, 70);
      shown.preview = `data:image/webp;base64,${Buffer.from(small).toString('base64')}`;
      shown.work = { ...shown.work, preview: shown.preview };
      if (this.#of.get(thread) === shown) this.#say(thread, shown);
    } catch {
      // a preview is a courtesy: the result comes by the outbox
    }
  }

  #say(thread: string, shown: Shown): void {
    shown.told = this.now();
    this.tell(thread, shown.work);
  }
}
