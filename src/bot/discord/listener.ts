import {
  DiscordAPIError,
  Events,
  MessageFlags,
  MessageType,
  RESTJSONErrorCodes as Codes,
  Routes,
  type APIUser,
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  type Interaction,
  type Message,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';
import { UserError } from '../../engine/errors.js';
import type { ChatEvent, EventHandler } from '../platform.js';
import { EDIT_WITH_DEDIT } from './commands.js';
import { readCustomId } from './customId.js';
import { fetchAttachment } from './downloads.js';
import { cut, escapeText, MAX_TEXT } from './escape.js';
import {
  completions,
  firstPicture,
  reactionId,
  spokenText,
  threadName,
  type ReactionFacts,
} from './events.js';
import { askModal, itemButtons, itemVerb, WORDS } from './itemMenu.js';
import { loggable, type Log } from './log.js';
import { isModerator, missingPermissions, permissionsNeeded } from './permissions.js';
import { isOwnThread, openThread, threadOn, wholeThread } from './threads.js';
import { Turns } from '../turns.js';

export interface ListenerOptions {
  readonly checkpoints: readonly string[];
  readonly help: string;
  readonly allowedHosts: readonly string[];
  /** Whether Discord tells the words of messages that do not address the bot. */
  readonly readsMessages: boolean;
  readonly logger: Log;
}

/** Interactions whose answer opens a session: both have a person, a channel and a reply. */
type UploadInteraction = ChatInputCommandInteraction | MessageContextMenuCommandInteraction;
interface Attached {
  readonly url: string;
  readonly name: string;
}

const EPHEMERAL = { flags: MessageFlags.Ephemeral } as const;
const silent = { allowedMentions: { parse: [] } } as const;

const NOT_HERE =
  'There is no picture of dedit here: say it in the thread of one, or begin with /dedit upload.';
const UNREAD =
  'Discord does not let dedit read this. Begin with a mention of dedit, reply to one of its pictures, or use /dedit say.';
const BROKEN = 'Something went wrong on our side and nothing was done; please try again.';

/** The token is gone: more than three seconds went by, or another process was first. */
const isStale = (error: unknown): boolean =>
  error instanceof DiscordAPIError &&
  (error.code === Codes.UnknownInteraction || error.code === Codes.InteractionHasAlreadyBeenAcknowledged);

const forPerson = (error: unknown): string => (error instanceof UserError ? error.message : BROKEN);

/**
 * Turns what happens on Discord into `ChatEvent`s. Interactions are acknowledged before anything else, and one that
 * could not be acknowledged is not acted on: Discord has told the person that it failed, and they will press again.
 */
export class Listener {
  readonly #running = new Set<Promise<void>>();
  /** Threads whose people know that their words are not read. */
  readonly #hinted = new Set<string>();
  readonly #turns = new Turns();

  constructor(
    readonly client: Client<true>,
    readonly handle: EventHandler,
    readonly options: ListenerOptions,
  ) {}

  attach(): void {
    const { client } = this;
    client.on(Events.InteractionCreate, (interaction) =>
      this.#guard('interaction', this.#onInteraction(interaction)),
    );
    client.on(Events.MessageCreate, (message) =>
      this.#guard(
        'message',
        this.#turns.take(message.channelId, () => this.#onMessage(message)),
      ),
    );
    client.on(Events.MessageReactionAdd, ({ message, emoji }, user) =>
      this.#reacted(message.channelId, {
        user: user.id,
        message: message.id,
        emoji: { id: emoji.id, name: emoji.name },
      }),
    );
    // discord.js drops reactions in channels it has not met, as direct messages after a restart: nothing says what
    // kind of channel it is.
    client.on(Events.Raw, (packet: { t?: string | null; d?: RawReaction }) => {
      if (packet.t !== 'MESSAGE_REACTION_ADD' || !packet.d) return;
      const { channel_id, user_id, message_id, emoji, guild_id } = packet.d;
      if (guild_id !== undefined || client.channels.cache.has(channel_id)) return;
      this.#reacted(channel_id, { user: user_id, message: message_id, emoji });
    });
  }

  #reacted(channelId: string, facts: ReactionFacts): void {
    this.#guard(
      'reaction',
      this.#turns.take(channelId, () => this.#onReaction(channelId, facts)),
    );
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** An event listener's promise has nobody to catch it: nothing that happens on Discord may end the process. */
  #guard(what: string, work: Promise<void>): void {
    const guarded = work
      .catch((error: unknown) => {
        if (isStale(error)) this.options.logger.warn({ what }, 'an interaction was too old to acknowledge');
        else this.options.logger.error({ what, err: loggable(error) }, 'a Discord event failed');
      })
      .finally(() => this.#running.delete(guarded));
    this.#running.add(guarded);
  }

  async #onInteraction(interaction: Interaction): Promise<void> {
    if (interaction.isAutocomplete()) return this.#complete(interaction);
    if (interaction.isChatInputCommand()) {
      const sub = interaction.options.getSubcommand(false);
      if (sub === 'upload') return this.#uploadCommand(interaction);
      if (sub === 'say') return this.#sayCommand(interaction);
      await interaction.reply({ ...EPHEMERAL, content: cut(this.options.help, MAX_TEXT), ...silent });
    } else if (interaction.isMessageContextMenuCommand()) {
      if (interaction.commandName !== EDIT_WITH_DEDIT) return;
      const picture = firstPicture(interaction.targetMessage.attachments.values());
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
    const checkpoint = interaction.options.getString('checkpoint') ?? undefined;
    return this.#upload(interaction, {
      picture,
      ...(reference && { reference }),
      ...(checkpoint && { checkpoint }),
    });
  }

  async #upload(
    interaction: UploadInteraction,
    asked: { picture: Attached; reference?: Attached; checkpoint?: string },
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
        content: `${escapeText(cut(asked.picture.name, 100))} goes on in a thread.`,
        ...silent,
      });
      // The channel as the bot sees it: an interaction's own is good for its token only.
      const channel = await this.client.channels.fetch(interaction.channelId);
      if (!channel?.isTextBased()) throw new UserError(NOT_HERE);
      const place = await openThread(message, channel, threadName(asked.picture.name));
      if (place.moved)
        await interaction.editReply({ content: `It goes on in <#${place.thread}>.`, ...silent });
      await this.handle({
        kind: 'upload',
        ...this.#origin(interaction, place.thread),
        picture,
        ...(reference && { reference }),
        ...(asked.checkpoint !== undefined && { checkpoint: asked.checkpoint }),
      });
    } catch (error) {
      if (!(error instanceof UserError))
        this.options.logger.error({ err: loggable(error) }, 'an upload failed');
      const content = await this.#explain(error, interaction.channelId);
      // A public "thinking …" makes way for words that only the person sees.
      await interaction.deleteReply().catch(() => undefined);
      await interaction.followUp({ ...EPHEMERAL, content });
    }
  }

  /** Why a session cannot begin here, as far as the interaction itself tells. */
  #refuseUpload(interaction: UploadInteraction): string | undefined {
    if (!interaction.inGuild()) return undefined;
    if (!interaction.inCachedGuild())
      return 'dedit is not a member of this server; ask an admin to invite it, or write to it directly.';
    const inThread = interaction.channel?.isThread() ?? false;
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
    await interaction.reply({ content: cut(`💬 ${escapeText(text)}`, MAX_TEXT), ...silent });
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
      await interaction.update({ content: `💬 ${escapeText(text)}`, components: [] });
      await this.#say(interaction, text, press.message);
    }
  }

  async #select(interaction: StringSelectMenuInteraction): Promise<void> {
    const number = Number(interaction.values[0]);
    if (readCustomId(interaction.customId)?.kind !== 'items' || !Number.isInteger(number)) {
      await interaction.deferUpdate();
      return;
    }
    await interaction.reply({
      ...EPHEMERAL,
      content: `What about item ${number}?`,
      components: [itemButtons(number, interaction.message.id)],
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
    const content = { content: cut(`💬 ${escapeText(text)}`, MAX_TEXT), ...silent };
    if (interaction.isFromMessage()) await interaction.update({ ...content, components: [] });
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
      await this.#turns.take(interaction.channelId!, async () => this.handle(await make()));
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
    } as const;
  }

  async #onMessage(message: Message): Promise<void> {
    const me = this.client.user.id;
    if (message.author.bot || message.webhookId !== null) return;
    if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return;
    const { channel } = message;
    const mentioned = message.mentions.users.has(me) && new RegExp(`<@!?${me}>`).test(message.content);
    const answered = await this.#answered(message);
    const addressed = mentioned || answered !== undefined || channel.isDMBased();
    const thread = channel.isThread() ? await wholeThread(channel) : undefined;
    if (thread ? !isOwnThread(thread) && !addressed : !addressed) return;

    const text = spokenText(message.content, [me]);
    const attachment = firstPicture(message.attachments.values());
    try {
      if (attachment && (channel.isDMBased() ? text === '' && answered === undefined : !thread))
        return await this.#uploadMessage(message, attachment);
      const where = thread || channel.isDMBased() ? channel.id : await threadOn(this.client, answered ?? '0');
      if (where === undefined) {
        if (mentioned) await message.reply({ content: cut(this.options.help, MAX_TEXT), ...silent });
        return;
      }
      if (text === '' && !attachment) return await this.#hint(message, mentioned);
      await this.handle({
        kind: 'say',
        ...this.#messageOrigin(message, where),
        text,
        ...(answered !== undefined && { replyTo: answered }),
        ...(attachment && { attachment: await fetchAttachment(attachment, this.options.allowedHosts) }),
      });
    } catch (error) {
      if (!(error instanceof UserError))
        this.options.logger.error({ err: loggable(error) }, 'a message was not stored');
      await message.reply({ content: await this.#explain(error, channel.id), ...silent });
    }
  }

  /** The bot's message that this one replies to. */
  async #answered(message: Message): Promise<string | undefined> {
    const id = message.reference?.messageId;
    if (id === undefined || message.type !== MessageType.Reply) return undefined;
    const target =
      message.channel.messages.cache.get(id) ?? (await message.fetchReference().catch(() => undefined));
    return target?.author?.id === this.client.user.id ? id : undefined;
  }

  /** A picture sent to the bot: by mention in a channel, or alone in a direct message. */
  async #uploadMessage(message: Message, attachment: Attached): Promise<void> {
    const { channel } = message;
    if (message.inGuild()) {
      const me = await message.guild.members.fetchMe();
      const missing = missingPermissions(message.channel.permissionsFor(me), 'session');
      if (missing.length > 0) throw new UserError(permissionsNeeded(missing));
    }
    const picture = await fetchAttachment(attachment, this.options.allowedHosts);
    const { thread } = await openThread(message, channel, threadName(attachment.name));
    await this.handle({ kind: 'upload', ...this.#messageOrigin(message, thread), picture });
  }

  #messageOrigin(message: Message, thread: string) {
    const has =
      message.inGuild() && message.member ? message.channel.permissionsFor(message.member) : undefined;
    return {
      id: message.id,
      platform: 'discord',
      thread,
      user: message.author.id,
      moderator: isModerator(has),
    } as const;
  }

  /** Without the message content intent an empty message is one whose words were kept from us: said once a thread. */
  async #hint(message: Message, mentioned: boolean): Promise<void> {
    if (mentioned) await message.reply({ content: cut(this.options.help, MAX_TEXT), ...silent });
    else if (
      !this.options.readsMessages &&
      message.stickers.size === 0 &&
      !this.#hinted.has(message.channelId)
    ) {
      this.#hinted.add(message.channelId);
      await message.reply({ content: UNREAD, ...silent });
    }
  }

  async #onReaction(channelId: string, facts: ReactionFacts): Promise<void> {
    const me = this.client.user.id;
    if (facts.user === me || facts.emoji.id !== null || !facts.emoji.name) return;
    const channel = await this.client.channels.fetch(channelId);
    if (!channel?.isTextBased()) return;
    const message = await channel.messages.fetch(facts.message);
    if (message.author.id !== me || (await this.#isBot(facts.user))) return;
    const thread =
      channel.isDMBased() || channel.isThread() ? channelId : await threadOn(this.client, facts.message);
    if (thread === undefined) return;
    const member = channel.isDMBased() ? null : channel.guild.members.cache.get(facts.user);
    await this.handle({
      kind: 'react',
      id: reactionId(facts),
      platform: 'discord',
      thread,
      user: facts.user,
      moderator: isModerator(member && !channel.isDMBased() ? channel.permissionsFor(member) : undefined),
      emoji: facts.emoji.name,
      message: facts.message,
    });
  }

  async #isBot(user: string): Promise<boolean> {
    const known = this.client.users.cache.get(user);
    if (known && !known.partial) return known.bot;
    const fetched = (await this.client.rest.get(Routes.user(user))) as APIUser;
    return fetched.bot ?? false;
  }

  /** For a person; what Discord forbids is named permission by permission. */
  async #explain(error: unknown, channelId: string): Promise<string> {
    if (
      !(error instanceof DiscordAPIError) ||
      (error.code !== Codes.MissingPermissions && error.code !== Codes.MissingAccess)
    )
      return forPerson(error);
    const channel = await this.client.channels.fetch(channelId).catch(() => null);
    const has = channel && !channel.isDMBased() ? channel.permissionsFor(this.client.user) : null;
    return permissionsNeeded(has ? missingPermissions(has, 'session') : []);
  }
}

interface RawReaction {
  readonly channel_id: string;
  readonly user_id: string;
  readonly message_id: string;
  readonly guild_id?: string;
  readonly emoji: { readonly id: string | null; readonly name: string | null };
}
