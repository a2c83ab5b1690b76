import type { App } from '@slack/bolt';
import { helpText } from '../../commands/index.js';
import { UserError } from '../../engine/errors.js';
import type { ChatEvent } from '../platform.js';
import { type Context, originOf } from './context.js';
import { placeTrouble } from './errors.js';
import { firstPicture, threadOf, type SlackFile } from './events.js';
import { COMMAND, SHORTCUT } from './names.js';
import { readUpload, UPLOAD, uploadView } from './views.js';
import { type Ear, whisper } from './whisper.js';

const USE_THREAD =
  'Words go into the thread of a picture, for example "replace 3 with a cat": Slack passes no slash commands from there. To begin, send /dedit alone, or mention me with a picture; "/dedit help" lists everything.';
const NO_PICTURE = 'That message has no picture: choose one that has.';

/** Pictures that come by the form of /dedit, or by the shortcut on a message. */
export class Uploads {
  constructor(private readonly context: Context) {}

  attach(app: App): void {
    app.command(COMMAND, async ({ ack, command }) => {
      const words = command.text.trim().toLowerCase();
      if (words) {
        const text = words === 'help' ? helpText() : USE_THREAD;
        return await ack({ response_type: 'ephemeral', text });
      }
      await ack();
      const ear = { channel: command.channel_id, user: command.user_id, respond: command.response_url };
      const { channel, respond } = ear;
      await this.context.guard('command', ear, async () => {
        const view = uploadView({ channel, respond }, this.context.options.checkpoints);
        await this.context.client.views.open({ trigger_id: command.trigger_id, view });
      });
    });
    app.view(UPLOAD, async ({ ack, view, body }) => {
      await ack();
      const asked = readUpload(view);
      const ear = { channel: asked.channel, user: body.user.id, respond: asked.respond };
      await this.context.guard('form', ear, () =>
        this.context.inbox.once(view.id, async () => {
          if (!asked.picture) throw new UserError(NO_PICTURE);
          const [picture, reference] = await Promise.all([
            this.context.files.fetch(asked.picture),
            asked.reference && this.context.files.fetch(asked.reference),
          ]);
          await this.#begin(view.id, ear, undefined, {
            picture,
            ...(reference ? { references: [reference] } : {}),
            ...(asked.items ? { items: asked.items } : {}),
            ...(asked.checkpoint ? { checkpoint: asked.checkpoint } : {}),
          });
        }),
      );
    });
    app.shortcut(SHORTCUT, async ({ ack, shortcut }) => {
      await ack();
      if (shortcut.type !== 'message_action') return;
      const { channel, message, user, response_url: respond, trigger_id } = shortcut;
      const ear = { channel: channel.id, user: user.id, respond };
      await this.context.guard('shortcut', ear, () =>
        this.context.inbox.once(trigger_id, async () => {
          const file = firstPicture(message.files as SlackFile[] | undefined);
          if (!file) throw new UserError(NO_PICTURE);
          const picture = await this.context.files.fetch(file);
          // a thread with a session of its own keeps it: the new one begins beside it
          const root = (message.thread_ts as string | undefined) ?? message.ts;
          const taken = await this.context.options.hasSession(threadOf(channel.id, root));
          await this.#begin(trigger_id, ear, taken ? undefined : root, { picture });
        }),
      );
    });
  }

  /**
   * Opens a thread for a picture that came by a form or a shortcut, where the bot need not be a member: what it cannot
   * do there goes on in the direct message with the person, so that nothing is lost in silence.
   */
  async #begin(
    id: string,
    { channel, user, respond }: Ear,
    root: string | undefined,
    asked: Pick<ChatEvent & { kind: 'upload' }, 'picture' | 'references' | 'items' | 'checkpoint'>,
  ): Promise<void> {
    this.context.checkChannel(channel);
    let place: { channel: string; ts: string };
    try {
      const { ts } = await this.context.client.chat.postMessage({
        channel,
        text: `<@${user}> edits ${root ? 'this' : 'a'} picture here.`,
        ...(root ? { thread_ts: root } : {}),
      });
      place = { channel, ts: root ?? ts! };
    } catch (error) {
      const trouble = placeTrouble(error);
      if (!trouble) throw error;
      const direct = await this.context.client.chat.postMessage({
        channel: user,
        text: `Your picture from <#${channel}> goes on here: ${trouble}.`,
      });
      place = { channel: direct.channel!, ts: direct.ts! };
      if (respond)
        await whisper(
          this.context.client,
          { channel, user, respond },
          `It goes on in our direct messages: ${trouble}.`,
        );
    }
    this.context.threads.add(place.channel, place.ts);
    const thread = threadOf(place.channel, place.ts);
    await this.context.inbox.inOrder(thread, () =>
      this.context.handle({ kind: 'upload', ...originOf(id, thread, user), ...asked }),
    );
  }
}
