import {
  type APIMessage,
  type APIUser,
  ChannelType,
  GatewayDispatchEvents as Told,
  GatewayIntentBits as Intent,
  PermissionFlagsBits,
} from 'discord-api-types/v10';
import type { Gateway } from './gateway.js';
import type { FileFacts } from './limits.js';

export interface DoubleChannel {
  readonly id: string;
  readonly type: ChannelType;
  readonly guild_id?: string;
  name?: string;
  readonly parent_id?: string;
  readonly owner_id?: string;
  readonly recipients?: APIUser[];
  thread_metadata?: {
    archived: boolean;
    locked: boolean;
    auto_archive_duration: number;
    archive_timestamp: string;
  };
  [more: string]: unknown;
}

/** A message as Discord keeps it, with what only a test may know. */
export interface DoubleMessage extends APIMessage {
  /** Whom it would have notified: user ids, or "everyone". */
  readonly pings: string[];
  /** Set for messages that one person sees. */
  readonly onlyFor?: string;
  readonly seenNonce?: string;
  edits: number;
}

export type PermissionName = keyof typeof PermissionFlagsBits;

const EPOCH = 1_420_070_400_000n;
let serial = 0n;
/** Rising, as Discord's are. */
export const snowflake = (): string =>
  (((BigInt(Date.now()) - EPOCH) << 22n) | (serial++ & 0x3f_ffffn)).toString();

export const isThread = (channel: DoubleChannel): boolean =>
  channel.type === ChannelType.PublicThread || channel.type === ChannelType.PrivateThread;

/** Everything Discord would keep: one server, channels, threads, direct messages. */
export class World {
  readonly users = new Map<string, APIUser>();
  readonly moderators = new Set<string>();
  readonly channels = new Map<string, DoubleChannel>();
  readonly messages = new Map<string, Map<string, DoubleMessage>>();
  /** Who was made a member of which thread. */
  readonly members = new Map<string, Set<string>>();
  readonly files = new Map<string, { bytes: Buffer; type: string }>();
  readonly guild = snowflake();
  readonly modRole = snowflake();
  readonly botRole = snowflake();
  readonly bot: APIUser;
  readonly channel: string;
  /** What an admin has allowed the bot. */
  botPermissions: bigint;
  /** Discord's premium tier of the server. */
  premiumTier = 0;
  gateway!: Gateway;
  base = '';
  /** How long attachments take to come. */
  slowFileMs = 0;

  constructor(botPermissions: bigint) {
    this.botPermissions = botPermissions;
    this.bot = this.addUser('dedit', true);
    this.channel = this.addChannel({ type: ChannelType.GuildText, name: 'pictures', guild_id: this.guild });
  }

  addUser(username: string, bot = false): APIUser {
    const user: APIUser = {
      id: snowflake(),
      username,
      global_name: username,
      discriminator: '0',
      avatar: null,
      ...(bot && { bot }),
    };
    this.users.set(user.id, user);
    return user;
  }

  addChannel(channel: Omit<DoubleChannel, 'id'>, id = snowflake()): string {
    this.channels.set(id, { ...channel, id } as DoubleChannel);
    this.messages.set(id, new Map());
    return id;
  }

  directChannel(user: APIUser): string {
    for (const channel of this.channels.values())
      if (channel.recipients?.some(({ id }) => id === user.id)) return channel.id;
    return this.addChannel({ type: ChannelType.DM, recipients: [user], last_message_id: null });
  }

  addThread(parent: string, name: string, owner: string, id = snowflake(), minutes = 1440): DoubleChannel {
    this.addChannel(
      {
        type: ChannelType.PublicThread,
        guild_id: this.guild,
        parent_id: parent,
        owner_id: owner,
        name,
        message_count: 0,
        member_count: 1,
        thread_metadata: {
          archived: false,
          locked: false,
          auto_archive_duration: minutes,
          archive_timestamp: new Date().toISOString(),
        },
      },
      id,
    );
    const thread = this.channels.get(id)!;
    this.tell(Told.ThreadCreate, { ...thread, newly_created: true }, thread, Intent.Guilds);
    return thread;
  }

  patchThread(thread: DoubleChannel, changes: { archived?: boolean; locked?: boolean; name?: string }): void {
    const { name, ...metadata } = changes;
    if (name !== undefined) thread.name = name;
    thread.thread_metadata = { ...thread.thread_metadata!, ...metadata };
    this.tell(Told.ThreadUpdate, thread, thread, Intent.Guilds);
  }

  /** Tells the bot, when it listens to this kind of thing there. */
  tell(
    event: Told,
    body: object,
    channel: DoubleChannel,
    guildIntent?: number,
    directIntent = guildIntent,
  ): void {
    this.gateway.dispatch(event, body, channel.guild_id, channel.guild_id ? guildIntent : directIntent);
  }

  member(user: APIUser): object {
    const roles =
      user.id === this.bot.id ? [this.botRole] : this.moderators.has(user.id) ? [this.modRole] : [];
    return {
      user,
      roles,
      joined_at: '2024-01-01T00:00:00.000Z',
      deaf: false,
      mute: false,
      flags: 0,
      nick: null,
    };
  }

  permissionsOf(user: APIUser): bigint {
    if (user.id === this.bot.id) return this.botPermissions;
    return this.moderators.has(user.id)
      ? PermissionFlagsBits.ManageMessages | PermissionFlagsBits.SendMessages
      : PermissionFlagsBits.SendMessages;
  }

  botMay(channel: DoubleChannel, permission: PermissionName): boolean {
    return channel.guild_id === undefined || (this.botPermissions & PermissionFlagsBits[permission]) !== 0n;
  }

  roles(): object[] {
    const role = (id: string, name: string, permissions: bigint, position: number) => ({
      id,
      name,
      permissions: permissions.toString(),
      position,
      color: 0,
      hoist: false,
      managed: id === this.botRole,
      mentionable: false,
      flags: 0,
      ...(id === this.botRole && { tags: { bot_id: this.bot.id } }),
    });
    return [
      role(this.guild, '@everyone', 0n, 0),
      role(this.modRole, 'mods', PermissionFlagsBits.ManageMessages, 2),
      role(this.botRole, 'dedit', this.botPermissions, 1),
    ];
  }

  guildBody(): { id: string } {
    const here = [...this.channels.values()].filter((c) => c.guild_id === this.guild);
    return {
      id: this.guild,
      name: 'The Workshop',
      owner_id: '1',
      premium_tier: this.premiumTier,
      roles: this.roles(),
      emojis: [],
      stickers: [],
      features: [],
      members: [this.member(this.bot)],
      member_count: this.users.size,
      channels: here
        .filter((c) => !isThread(c))
        .map((c) => ({ ...c, permission_overwrites: [], position: 0 })),
      threads: here.filter((c) => isThread(c) && !c.thread_metadata!.archived),
      presences: [],
      voice_states: [],
      stage_instances: [],
      guild_scheduled_events: [],
      soundboard_sounds: [],
      joined_at: '2024-01-01T00:00:00.000Z',
    } as { id: string };
  }

  keepFile(name: string, bytes: Buffer, type = 'image/png') {
    const id = snowflake();
    const path = `/cdn/${id}/${encodeURIComponent(name)}`;
    this.files.set(path, { bytes, type });
    const url = `${this.base}${path}`;
    return {
      id,
      filename: name,
      size: bytes.length,
      url,
      proxy_url: url,
      content_type: type,
      width: 8,
      height: 8,
    };
  }

  /** Writes a message down; `told` is what the bot hears of it. */
  addMessage(
    channelId: string,
    author: APIUser,
    body: {
      content?: string | null;
      attachments?: readonly object[];
      components?: readonly object[];
      message_reference?: { message_id: string; type?: number; channel_id?: string };
      flags?: number;
      message_snapshots?: readonly object[];
      nonce?: string;
    },
    more: { pings?: string[]; onlyFor?: string; id?: string } = {},
  ): DoubleMessage {
    const channel = this.channels.get(channelId)!;
    const reference = body.message_reference?.message_id;
    const message = {
      id: more.id ?? snowflake(),
      channel_id: channelId,
      author,
      content: body.content ?? '',
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      tts: false,
      mention_everyone: false,
      mentions: this.#mentioned(channelId, body.content ?? '', reference),
      mention_roles: [],
      attachments: body.attachments ?? [],
      embeds: [],
      components: body.components ?? [],
      ...(body.message_snapshots ? { message_snapshots: body.message_snapshots } : {}),
      reactions: [],
      pinned: false,
      type: reference === undefined || body.message_snapshots ? 0 : 19,
      flags: body.flags ?? 0,
      ...(reference !== undefined && {
        message_reference: { message_id: reference, channel_id: channelId, guild_id: channel.guild_id },
        referenced_message: this.#known(channelId, reference) ?? null,
      }),
      pings: more.pings ?? [],
      edits: 0,
      ...(more.onlyFor !== undefined && { onlyFor: more.onlyFor }),
      ...(body.nonce !== undefined && { seenNonce: body.nonce }),
    } as unknown as DoubleMessage;
    this.messages.get(channelId)!.set(message.id, message);
    if (more.onlyFor === undefined) this.tellMessage(message);
    return message;
  }

  #known(channelId: string, id: string): object | undefined {
    const message = this.messages.get(channelId)?.get(id);
    return message && this.asTold(message);
  }

  /** Those named in the text, and whose message is replied to: people's replies ping unless they switch that off. */
  #mentioned(channelId: string, content: string, reference: string | undefined): APIUser[] {
    const named = [...content.matchAll(/<@!?(\d+)>/g)].flatMap(([, id]) => this.users.get(id!) ?? []);
    const replied = this.messages.get(channelId)?.get(reference ?? '')?.author;
    return replied && !named.includes(replied) ? [...named, replied] : named;
  }

  /** What the API says of a message. */
  asTold(message: DoubleMessage): object {
    const { pings: _p, onlyFor: _o, seenNonce: _s, edits: _e, ...told } = message;
    return told;
  }

  /** MESSAGE_CREATE; without the message content intent, words and files of others stay away unless they address it. */
  tellMessage(message: DoubleMessage): void {
    const channel = this.channels.get(message.channel_id)!;
    const told = {
      ...this.asTold(message),
      channel_type: channel.type,
      ...(channel.guild_id && { guild_id: channel.guild_id, member: this.member(message.author) }),
    };
    const addressed =
      !channel.guild_id ||
      message.author.id === this.bot.id ||
      message.mentions.some(({ id }) => id === this.bot.id);
    for (const connection of this.gateway.connections) {
      const heard = channel.guild_id ? Intent.GuildMessages : Intent.DirectMessages;
      if (!(connection.intents & heard)) continue;
      const reads = addressed || connection.intents & Intent.MessageContent;
      this.gateway.dispatchTo(
        connection,
        Told.MessageCreate,
        reads ? told : { ...told, content: '', attachments: [], components: [], embeds: [] },
        channel.guild_id,
      );
    }
  }

  attach(files: readonly FileFacts[], described: readonly { id?: unknown; description?: string }[]) {
    return files.map((file) => {
      const description = described.find((d) => String(d.id) === String(file.id))?.description;
      const type = /\.jpe?g$/.test(file.name) ? 'image/jpeg' : 'image/png';
      return { ...this.keepFile(file.name, file.bytes, type), ...(description && { description }) };
    });
  }
}
