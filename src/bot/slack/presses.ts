import type { App } from '@slack/bolt';
import { Recent } from '../recent.js';
import { type Context, originOf } from './context.js';
import { loggable } from './errors.js';
import { threadOf } from './events.js';
import { answeredBy, ITEM, LINK, SAY } from './render.js';
import { type Chosen, ITEM_FORM, itemView, readItem } from './views.js';
import type { Ear } from './whisper.js';

/** What is read of a pressed button or a menu (docs.slack.dev/reference/interaction-payloads/block_actions-payload). */
interface Pressed {
  readonly user: { readonly id: string };
  readonly channel: { readonly id: string };
  readonly container?: { readonly thread_ts?: string };
  readonly message: { readonly ts: string; readonly thread_ts?: string };
  readonly trigger_id: string;
  readonly response_url?: string;
}
interface Choice {
  readonly block_id?: string;
  readonly value?: string;
  readonly selected_option?: { readonly value: string; readonly text?: { readonly text: string } };
}

/** Buttons under a reply, the menu of items, and the form behind that. */
export class Presses {
  /** The picture that each open form shows. */
  readonly #pictures = new Recent<string>(500);

  constructor(private readonly context: Context) {}

  attach(app: App): void {
    app.action(LINK, ({ ack }) => ack());
    app.action(SAY, async ({ ack, action, body }) => {
      await ack();
      await this.#pressed(body as unknown as Pressed, action as Choice);
    });
    app.action(ITEM, async ({ ack, action, body }) => {
      await ack();
      await this.#itemChosen(body as unknown as Pressed, action as Choice);
    });
    app.view(ITEM_FORM, async ({ ack, view, body }) => {
      const read = readItem(view);
      if ('errors' in read) return await ack({ response_action: 'errors', errors: read.errors });
      await ack();
      const { channel, thread_ts, message } = read.chosen;
      await this.#say(
        { channel, user: body.user.id, thread_ts },
        { id: view.id, text: read.text, replyTo: message },
      );
      await this.#hide(view.id);
    });
    app.view({ callback_id: ITEM_FORM, type: 'view_closed' }, async ({ ack, view }) => {
      await ack();
      await this.#hide(view.id);
    });
  }

  /** The thread of a pressed message, which not every client tells at the same place; Slack is asked last. */
  async #threadOf({ channel, message, container }: Pressed): Promise<string> {
    const told = message.thread_ts ?? container?.thread_ts;
    return told ?? (await this.context.threads.threadOfMessage(channel.id, message.ts)) ?? message.ts;
  }

  async #pressed(pressed: Pressed, choice: Choice): Promise<void> {
    const { user, channel, message, trigger_id, response_url } = pressed;
    const text = choice.value ?? choice.selected_option?.value;
    if (!text) return;
    const ear = { channel: channel.id, user: user.id, thread_ts: await this.#threadOf(pressed) };
    await this.#say(
      { ...ear, respond: response_url },
      { id: trigger_id, text, replyTo: answeredBy(choice.block_id, message.ts) },
    );
  }

  async #itemChosen(pressed: Pressed, { block_id, selected_option }: Choice): Promise<void> {
    const { user, channel, message, trigger_id, response_url } = pressed;
    const number = Number(selected_option?.value);
    if (!Number.isInteger(number)) return;
    const thread_ts = await this.#threadOf(pressed);
    const ear = { channel: channel.id, user: user.id, thread_ts, respond: response_url };
    const chosen = { channel: channel.id, thread_ts, number, message: answeredBy(block_id, message.ts) };
    const name = selected_option?.text?.text ?? String(number);
    await this.context.guard('menu', ear, async () => {
      const { view } = await this.context.client.views.open({ trigger_id, view: itemView(chosen, name) });
      if (view?.id) await this.#show(view.id, chosen, name);
    });
  }

  /** The item itself above the questions about it. A form has to open at once: its picture comes as soon as Slack has it. */
  async #show(form: string, chosen: Chosen, name: string): Promise<void> {
    const { client, files, options } = this.context;
    try {
      const thread = threadOf(chosen.channel, chosen.thread_ts);
      const item = await options.showItem?.(thread, chosen.message, chosen.number);
      if (!item?.png) return;
      const file = await files.stage('item.png', item.png);
      this.#pictures.set(form, file.id);
      await files.complete([file]);
      await files.processed(file.id);
      await client.views.update({ view_id: form, view: itemView(chosen, name, file.id) });
    } catch (error) {
      // its name is there, and the form works; it may be closed by now
      options.logger?.warn({ err: loggable(error) }, 'an item could not be shown in its form');
      await this.#hide(form);
    }
  }

  /** Nobody looks at the form's picture any more. */
  async #hide(form: string): Promise<void> {
    const file = this.#pictures.get(form);
    this.#pictures.delete(form);
    if (file) await this.context.files.remove(file);
  }

  /** Words that were not typed: a button, a form. */
  async #say(
    ear: Ear & { thread_ts: string },
    said: { id: string; text: string; replyTo: string },
  ): Promise<void> {
    const thread = threadOf(ear.channel, ear.thread_ts);
    const { id, text, replyTo } = said;
    await this.context.guard('press', ear, () =>
      this.context.inbox.once(id, () =>
        this.context.inbox.inOrder(thread, async () => {
          await this.context.handle({
            kind: 'say',
            ...originOf(id, thread, ear.user),
            meant: 'directly',
            text,
            replyTo,
          });
        }),
      ),
    );
  }
}
