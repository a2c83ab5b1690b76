import {
  MessageFlags,
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  type Interaction,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';
import { UserError } from '../../engine/errors.js';
import type { ChatEvent, EventHandler } from '../platform.js';
import type { Inbox } from '../inbox.js';
import { EDIT_WITH_DEDIT } from './commands.js';
import { readCustomId } from './customId.js';
import { fetchAttachment } from './downloads.js';
import { cutEscaped, escapeText, MAX_TEXT, silent } from './escape.js';
import { type Attached, completions, firstPicture, threadName } from './events.js';
import { explain, forPerson } from './explain.js';
import { askModal, itemButtons, itemVerb, WORDS } from './itemMenu.js';
import { loggable } from './log.js';
import type { ListenerOptions } from './options.js';
import { isModerator, missingPermissions, permissionsNeeded } from './permissions.js';
import { attachmentsOf } from './messages.js';
import { barred } from './restrict.js';
import { join, openThread } from './threads.js';

/** Interactions whose answer opens a session: both have a person, a channel and a reply. */
type UploadInteraction = ChatInputCommandInteraction | MessageContextMenuCommandInteraction;

const EPHEMERAL = { flags: MessageFlags.Ephemeral } as const;

const NOT_HERE =
  'There is no picture of dedit here: say it in the thread of one, or begin with /dedit upload.';

/** Commands, buttons, menus and forms: each is acknowledged within three seconds, before anything else. */
export class Interactions {
  constructor(
    readonly client: Client<true>,
    readonly handle: EventHandler,
    readonly options: ListenerOptions,
    readonly inbox: Inbox,
  ) {}

  async heard(interaction: Interaction): Promise<void> {
    if (interaction.isAutocomplete()) return this.#complete(interaction);
    if (interaction.isChatInputCommand()) {
      const sub = interaction.options.getSubcommand(false);
      if (sub === 'upload') return this.#uploadCommand(interaction);
      if (sub === 'say') return this.#sayCommand(interaction);
      await interaction.reply({ ...EPHEMERAL, content: cutEscaped(this.options.help, MAX_TEXT), ...silent });
    } else if (interaction.isMessageContextMenuCommand()) {
      if (interaction.commandName !== EDIT_WITH_DEDIT) return;
      const picture = firstPicture(attachmentsOf(interaction.targetMessage));
      if (picture) return this.#upload(interaction, { picture });
      await interaction.reply({ ...EPHEMERAL, content: 'That message has no picture; choose one that has.' });
    } else if (interaction.isButton()) return this.#button(interaction);
    else if (interaction.isStringSelectMenu()) return this.#select(interaction);
    else if (interaction.isModalSubmit()) return this.#modal(interaction);
  }

  async #complete(interaction: AutocompleteInteraction): Promise<void> {
    await interaction.respond(completions(this.options.checkpoints, interaction.options.getFocused()));
  }

  #uploadCommand(interaction: ChatInputCommandInteraction): Promise<void> {
    const picture = interaction.options.getAttachment('picture', true);
    const reference = interaction.options.getAttachment('reference') ?? undefined;
    const items = interaction.options.getString('items') ?? undefined;
    const checkpoint = interaction.options.getString('checkpoint') ?? undefined;
    return this.#upload(interaction, {
      picture,
      ...(reference && { reference }),
      ...(items !== undefined && { items }),
      ...(checkpoint && { checkpoint }),
    });
  }

  async #upload(
    interaction: UploadInteraction,
    asked: { picture: Attached; reference?: Attached; items?: string; checkpoint?: string },
  ): Promise<void> {
    const refuse = this.#refuseUpload(interaction);
    if (refuse !== undefined) {
      await interaction.reply({ ...EPHEMERAL, content: refuse });
      return;
    }
    await interaction.deferReply();
    try {
      const { allowedHosts } = this.options;
      const [picture, reference] = await Promise.all([
        fetchAttachment(asked.picture, allowedHosts),
        asked.reference && fetchAttachment(asked.reference, allowedHosts),
      ]);
      const message = await interaction.editReply({
        content: `${escapeText(cutEscaped(asked.picture.name, 100))} goes on in a thread.`,
        ...silent,
      });
      // The channel as the bot sees it: an interaction's own is good for its token only.
      const channel = await this.client.channels.fetch(interaction.channelId);
      if (!channel?.isTextBased()) throw new UserError(NOT_HERE);
      const place = await openThread(
        message,
        channel,
        threadName(asked.picture.name),
        this.options.hasSession,
      );
      await join(this.client, place.thread, channel, interaction.user.id);
      if (place.moved)
        await interaction.editReply({ content: `It goes on in <#${place.thread}>.`, ...silent });
      await this.handle({
        kind: 'upload',
        ...this.#origin(interaction, place.thread),
        picture,
        ...(reference && { references: [reference] }),
        ...(asked.items !== undefined && { items: asked.items }),
        ...(asked.checkpoint !== undefined && { checkpoint: asked.checkpoint }),
      });
    } catch (error) {
      if (!(error instanceof UserError))
        this.options.logger.error({ err: loggable(error) }, 'an upload failed');
      const content = await explain(this.client, error, interaction.channelId);
      // A public "thinking …" makes way for words that only the person sees.
      await interaction.deleteReply().catch(() => undefined);
      await interaction.followUp({ ...EPHEMERAL, content });
    }
  }

  /** Why a session cannot begin here, as far as the interaction itself tells. */
  #refuseUpload(interaction: UploadInteraction): string | undefined {
    if (!interaction.inGuild())
      return interaction.channel ? barred(this.options.only, interaction.channel, []) : undefined;
    if (!interaction.inCachedGuild())
      return 'dedit is not a member of this server; ask an admin to invite it, or write to it directly.';
    const { channel } = interaction;
    const why = channel && barred(this.options.only, channel, [...interaction.member.roles.cache.keys()]);
    if (why) return why;
    const inThread = channel?.isThread() ?? false;
    const missing = missingPermissions(interaction.appPermissions, inThread ? 'thread' : 'session');
    return missing.length > 0 ? permissionsNeeded(missing) : undefined;
  }

  async #sayCommand(interaction: ChatInputCommandInteraction): Promise<void> {
    if (!this.#canTalk(interaction)) {
      await interaction.reply({ ...EPHEMERAL, content: NOT_HERE });
      return;
    }
    const text = interaction.options.getString('text', true);
    const mask = interaction.options.getAttachment('mask');
    // Others in the thread see what was asked, as if it had been typed.
    await interaction.reply({ content: cutEscaped(`💬 ${escapeText(text)}`, MAX_TEXT), ...silent });
    await this.#tell(interaction, async () => ({
      kind: 'say',
      ...this.#origin(interaction, interaction.channelId),
      text,
      ...(mask && { attachment: await fetchAttachment(mask, this.options.allowedHosts) }),
    }));
  }

  #canTalk(interaction: ChatInputCommandInteraction): boolean {
    const { channel } = interaction;
    return channel === null || channel.isDMBased() || channel.isThread();
  }

  async #button(interaction: ButtonInteraction): Promise<void> {
    const press = readCustomId(interaction.customId);
    if (press?.kind === 'say') {
      await interaction.deferUpdate();
      return this.#say(interaction, press.text, interaction.message.id);
    }
    const verb = press?.kind === 'item' ? itemVerb(press.verb) : undefined;
    if (press?.kind !== 'item' || !verb) {
      await interaction.reply({
        ...EPHEMERAL,
        content: 'This button is from an older dedit; say it in words.',
      });
    } else if (verb.ask) {
      await interaction.showModal(askModal(verb.verb, verb.ask, press.number, press.message));
    } else {
      const text = verb.say(press.number, '');
      await interaction.update({ content: `💬 ${escapeText(text)}`, components: [], attachments: [] });
      await this.#say(interaction, text, press.message);
    }
  }

  async #select(interaction: StringSelectMenuInteraction): Promise<void> {
    const number = Number(interaction.values[0]);
    if (readCustomId(interaction.customId)?.kind !== 'items' || !Number.isInteger(number)) {
      await interaction.deferUpdate();
      return;
    }
    await interaction.deferReply(EPHEMERAL);
    const { channelId, message } = interaction;
    // what is chosen is seen; where that fails, its number does
    const item = await this.options.showItem?.(channelId, message.id, number).catch(() => undefined);
    await interaction.editReply({
      content: `What about item ${number}${item ? `, ${escapeText(cutEscaped(item.name, 100))}` : ''}?`,
      components: itemButtons(number, message.id),
      ...(item?.png ? { files: [{ attachment: Buffer.from(item.png), name: 'item.png' }] } : {}),
      ...silent,
    });
  }

  async #modal(interaction: ModalSubmitInteraction): Promise<void> {
    const press = readCustomId(interaction.customId);
    const verb = press?.kind === 'ask' ? itemVerb(press.verb) : undefined;
    if (press?.kind !== 'ask' || !verb) {
      await interaction.reply({
        ...EPHEMERAL,
        content: 'This form is from an older dedit; say it in words.',
      });
      return;
    }
    const text = verb.say(press.number, interaction.fields.getTextInputValue(WORDS).trim());
    const content = { content: cutEscaped(`💬 ${escapeText(text)}`, MAX_TEXT), ...silent };
    if (interaction.isFromMessage())
      await interaction.update({ ...content, components: [], attachments: [] });
    else await interaction.reply({ ...EPHEMERAL, ...content });
    await this.#say(interaction, text, press.message);
  }

  #say(
    interaction: ButtonInteraction | ModalSubmitInteraction,
    text: string,
    replyTo: string,
  ): Promise<void> {
    return this.#tell(interaction, async () => ({
      kind: 'say',
      ...this.#origin(interaction, interaction.channelId!),
      text,
      replyTo,
    }));
  }

  /** Hands the event on; a person whose words are lost after the acknowledgement hears so. */
  async #tell(
    interaction: ChatInputCommandInteraction | ButtonInteraction | ModalSubmitInteraction,
    make: () => Promise<ChatEvent>,
  ): Promise<void> {
    try {
      await this.inbox.inOrder(interaction.channelId!, async () => this.handle(await make()));
    } catch (error) {
      if (!(error instanceof UserError))
        this.options.logger.error({ err: loggable(error) }, 'an event was not stored');
      await interaction.followUp({ ...EPHEMERAL, content: forPerson(error) });
    }
  }

  #origin(interaction: UploadInteraction | ButtonInteraction | ModalSubmitInteraction, thread: string) {
    return {
      id: interaction.id,
      platform: 'discord',
      thread,
      user: interaction.user.id,
      moderator: isModerator(interaction.memberPermissions),
      meant: 'directly',
    } as const;
  }
}
