import type { App } from '@slack/bolt';
import { Context } from './context.js';
import { loggable } from './errors.js';
import { Messages } from './messages.js';
import { Presses } from './presses.js';
import { Uploads } from './uploads.js';

/**
 * Turns what happens on Slack into `ChatEvent`s. Everything is acknowledged before it is acted on: Bolt does so with
 * events, and commands, actions and forms get theirs first where they are heard. So nobody tells Slack that something
 * failed: the person hears it from us.
 */
export class Listener {
  readonly #context: Context;

  constructor(...context: ConstructorParameters<typeof Context>) {
    this.#context = new Context(...context);
  }

  attach(app: App): void {
    for (const part of [Messages, Uploads, Presses]) new part(this.#context).attach(app);
    app.error(async (error) => this.#context.options.logger?.error({ err: loggable(error) }, 'Slack'));
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#context.inbox.idle();
  }
}
