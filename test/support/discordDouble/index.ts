import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import {
  type APIUser,
  ApplicationCommandOptionType as Option,
  ApplicationCommandType,
  ComponentType,
  GatewayDispatchEvents as Told,
  GatewayIntentBits as Intent,
  InteractionType,
  PermissionFlagsBits,
} from 'discord-api-types/v10';
import { Gateway } from './gateway.js';
import { type DoubleInteraction, Interactions } from './interactions.js';
import { Rest } from './rest.js';
import { type DoubleMessage, type PermissionName, World } from './world.js';

export type { DoubleInteraction } from './interactions.js';
export type { DoubleMessage, PermissionName } from './world.js';

export interface DoubleOptions {
  /** Whether the message content intent is switched on for the application: yes unless said. */
  readonly messageContent?: boolean;
}

const botPermissions: PermissionName[] = [
  'ViewChannel',
  'SendMessages',
  'CreatePublicThreads',
  'SendMessagesInThreads',
  'AttachFiles',
  'ReadMessageHistory',
];

interface Picture {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly type?: string;
}
type Bytes = Uint8Array | Picture;
const asPicture = (bytes: Bytes, name = 'picture.png'): Picture =>
  bytes instanceof Uint8Array ? { name, bytes } : bytes;

/**
 * Discord on this machine: a gateway and a REST API that the real discord.js talks to, which keeps channels, threads
 * and messages and refuses what Discord would refuse. Persons act through the methods named after what they do; what
 * they would see is asked with `seen` and `thread`.
 */
export class DiscordDouble {
  readonly token = 'double-token';
  readonly world: World;
  readonly interactions: Interactions;
  readonly rest: Rest;
  readonly gateway: Gateway;
  readonly #server: Server;

  private constructor(options: DoubleOptions) {
    this.world = new World(botPermissions.reduce((all, name) => all | PermissionFlagsBits[name], 0n));
    this.interactions = new Interactions(this.world);
    this.rest = new Rest(this.world, this.interactions, this.token);
    this.#server = createServer((request, response) => {
      this.rest.serve(request, response).catch((error: unknown) => {
        this.rest.violations.push(`the double failed: ${String(error)}`);
        response.writeHead(500).end();
      });
    });
    this.gateway = new Gateway(this.#server, {
      token: this.token,
      messageContent: options.messageContent ?? true,
      ready: () => ({
        ready: {
          v: 10,
          user: this.world.bot,
          session_id: 'double-session',
          resume_gateway_url: `${this.world.base.replace('http', 'ws')}/gateway`,
          application: { id: this.world.bot.id, flags: 0 },
        },
        guilds: [this.world.guildBody()],
      }),
    });
    this.world.gateway = this.gateway;
  }

  static async start(options: DoubleOptions = {}): Promise<DiscordDouble> {
    const double = new DiscordDouble(options);
    await new Promise<void>((done) => double.#server.listen(0, '127.0.0.1', done));
    double.world.base = `http://127.0.0.1:${(double.#server.address() as AddressInfo).port}`;
    return double;
  }

  async stop(): Promise<void> {
    this.gateway.cut();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** Where discord.js finds this: `rest.api`, and what attachments' addresses begin with. */
  get api(): string {
    return `${this.world.base}/api`;
  }
  get origin(): string {
    return this.world.base;
  }
  /** The server's text channel. */
  get channel(): string {
    return this.world.channel;
  }
  /** Everything dedit did that Discord forbids, and acknowledgements that never came. */
  problems(): string[] {
    return [
      ...this.rest.violations,
      ...this.interactions.violations,
      ...this.interactions.unacknowledged().map(({ id }) => `interaction ${id} was never acknowledged`),
    ];
  }

  person(name: string, more: { moderator?: boolean; bot?: boolean } = {}): APIUser {
    const user = this.world.addUser(name, more.bot);
    if (more.moderator) this.world.moderators.add(user.id);
    return user;
  }

  /** What an admin does in the settings. */
  forbid(...names: PermissionName[]): void {
    for (const name of names) this.world.botPermissions &= ~PermissionFlagsBits[name];
    this.#tellRoles();
  }
  allow(...names: PermissionName[]): void {
    for (const name of names) this.world.botPermissions |= PermissionFlagsBits[name];
    this.#tellRoles();
  }
  #tellRoles(): void {
    const guild_id = this.world.guild;
    for (const role of this.world.roles())
      this.gateway.dispatch(Told.GuildRoleUpdate, { guild_id, role }, guild_id, Intent.Guilds);
  }

  /** The next requests of this kind fail. */
  fail(
    method: string,
    path: RegExp,
    status: number,
    more: { times?: number; body?: object; afterwards?: boolean } = {},
  ) {
    this.rest.failures.push({ method, path, status, times: 1, ...more });
  }

  /** The messages of a channel or thread as this person sees them, oldest first. */
  seen(channel: string, by?: APIUser): DoubleMessage[] {
    const all = [...(this.world.messages.get(channel)?.values() ?? [])];
    return all.filter((m) => m.onlyFor === undefined || m.onlyFor === by?.id);
  }
  threads(): { id: string; name?: string; parent_id?: string; thread_metadata?: { archived: boolean } }[] {
    return [...this.world.channels.values()].filter((c) => c.thread_metadata !== undefined);
  }
  /** Bytes behind an attachment's address. */
  file(url: string): Buffer {
    return this.world.files.get(new URL(url).pathname)!.bytes;
  }

  #attachment(picture: Picture) {
    return this.world.keepFile(picture.name, Buffer.from(picture.bytes), picture.type);
  }

  #interact(user: APIUser, channel: string, type: InteractionType, data: object, message?: DoubleMessage) {
    const { world } = this;
    const made = this.interactions.begin(user.id, channel, message);
    const place = world.channels.get(channel)!;
    const permissions = world.permissionsOf(user).toString();
    const body = {
      id: made.id,
      application_id: world.bot.id,
      token: made.token,
      version: 1,
      type,
      data,
      channel_id: channel,
      channel: place,
      app_permissions: world.botPermissions.toString(),
      attachment_size_limit: this.rest.maxFileBytes,
      locale: 'en-GB',
      entitlements: [],
      authorizing_integration_owners: {},
      ...(message && { message: world.asTold(message) }),
      ...(place.guild_id
        ? { guild_id: place.guild_id, member: { ...world.member(user), permissions } }
        : { user }),
    };
    this.gateway.dispatch(Told.InteractionCreate, body, place.guild_id);
    return made;
  }

  #command(user: APIUser, channel: string, name: string, options: object[], attachments: { id: string }[]) {
    return this.#interact(user, channel, InteractionType.ApplicationCommand, {
      id: '1',
      name: 'dedit',
      type: ApplicationCommandType.ChatInput,
      options: [{ name, type: Option.Subcommand, options }],
      resolved: { attachments: Object.fromEntries(attachments.map((a) => [a.id, a])) },
    });
  }

  /** `/dedit upload`. */
  uploadSlash(
    user: APIUser,
    picture: Bytes,
    more: { channel?: string; reference?: Bytes; items?: string; checkpoint?: string } = {},
  ): DoubleInteraction {
    const files = [{ name: 'picture', file: this.#attachment(asPicture(picture)) }];
    if (more.reference) files.push({ name: 'reference', file: this.#attachment(asPicture(more.reference)) });
    const options: object[] = files.map(({ name, file }) => ({
      name,
      type: Option.Attachment,
      value: file.id,
    }));
    if (more.items !== undefined) options.push({ name: 'items', type: Option.String, value: more.items });
    if (more.checkpoint !== undefined)
      options.push({ name: 'checkpoint', type: Option.String, value: more.checkpoint });
    return this.#command(
      user,
      more.channel ?? this.channel,
      'upload',
      options,
      files.map(({ file }) => file),
    );
  }

  /** `/dedit say`. */
  saySlash(user: APIUser, channel: string, text: string, mask?: Bytes): DoubleInteraction {
    const files = mask ? [this.#attachment(asPicture(mask, 'mask.png'))] : [];
    const options = [
      { name: 'text', type: Option.String, value: text },
      ...files.map(({ id }) => ({ name: 'mask', type: Option.Attachment, value: id })),
    ];
    return this.#command(user, channel, 'say', options, files);
  }

  help(user: APIUser, channel = this.channel): DoubleInteraction {
    return this.#command(user, channel, 'help', [], []);
  }

  /** What Discord offers while a checkpoint is typed. */
  complete(user: APIUser, typed: string): DoubleInteraction {
    const option = { name: 'checkpoint', type: Option.String, value: typed, focused: true };
    return this.#interact(user, this.channel, InteractionType.ApplicationCommandAutocomplete, {
      id: '1',
      name: 'dedit',
      type: ApplicationCommandType.ChatInput,
      options: [{ name: 'upload', type: Option.Subcommand, options: [option] }],
    });
  }

  /** "Edit with dedit" on a message. */
  editWith(user: APIUser, message: DoubleMessage): DoubleInteraction {
    return this.#interact(user, message.channel_id, InteractionType.ApplicationCommand, {
      id: '2',
      name: 'Edit with dedit',
      type: ApplicationCommandType.Message,
      target_id: message.id,
      resolved: { messages: { [message.id]: this.world.asTold(message) } },
    });
  }

  /** Types a message. */
  say(
    user: APIUser,
    channel: string,
    content: string,
    more: { replyTo?: DoubleMessage | string; files?: Bytes[]; forwards?: Bytes[] } = {},
  ): DoubleMessage {
    const target = typeof more.replyTo === 'string' ? more.replyTo : more.replyTo?.id;
    const place = this.world.channels.get(channel)!;
    if (place.thread_metadata?.archived) this.world.patchThread(place, { archived: false });
    return this.world.addMessage(channel, user, {
      content,
      attachments: (more.files ?? []).map((file) => this.#attachment(asPicture(file))),
      ...(target !== undefined && { message_reference: { message_id: target } }),
      ...(more.forwards && {
        message_reference: { type: 1, message_id: '1', channel_id: channel },
        message_snapshots: [
          {
            message: {
              ...{ content: '', embeds: [], timestamp: new Date().toISOString(), edited_timestamp: null },
              ...{ mentions: [], mention_roles: [], type: 0, flags: 0 },
              attachments: more.forwards.map((file) => this.#attachment(asPicture(file))),
            },
          },
        ],
      }),
    });
  }

  get mention(): string {
    return `<@${this.world.bot.id}>`;
  }

  directChannel(user: APIUser): string {
    return this.world.directChannel(user);
  }

  react(user: APIUser, message: DoubleMessage, emoji: string, customId: string | null = null): void {
    const channel = this.world.channels.get(message.channel_id)!;
    const body = {
      user_id: user.id,
      channel_id: channel.id,
      message_id: message.id,
      message_author_id: message.author.id,
      emoji: { id: customId, name: emoji },
      burst: false,
      type: 0,
      ...(channel.guild_id && { guild_id: channel.guild_id, member: this.world.member(user) }),
    };
    const { GuildMessageReactions, DirectMessageReactions } = Intent;
    this.world.tell(Told.MessageReactionAdd, body, channel, GuildMessageReactions, DirectMessageReactions);
  }

  #components(message: DoubleMessage) {
    return (message.components ?? []).flatMap((row) =>
      'components' in row ? (row.components as { type: number; label?: string; custom_id?: string }[]) : [],
    );
  }

  labels(message: DoubleMessage): string[] {
    return this.#components(message).flatMap(({ label }) => label ?? []);
  }

  press(user: APIUser, message: DoubleMessage, label: string): DoubleInteraction {
    const button = this.#components(message).find((b) => b.label === label);
    if (button?.custom_id === undefined)
      throw new Error(`there is no button "${label}": ${this.labels(message).join()}`);
    return this.#interact(
      user,
      message.channel_id,
      InteractionType.MessageComponent,
      { component_type: ComponentType.Button, custom_id: button.custom_id },
      message,
    );
  }

  /** Chooses the option whose label begins so. */
  pick(user: APIUser, message: DoubleMessage, label: string): DoubleInteraction {
    const menu = this.#components(message).find((c) => c.type === ComponentType.StringSelect) as
      { custom_id: string; options: { label: string; value: string }[] } | undefined;
    const option = menu?.options.find((o) => o.label.startsWith(label));
    if (!menu || !option) throw new Error(`there is no choice "${label}"`);
    return this.#interact(
      user,
      message.channel_id,
      InteractionType.MessageComponent,
      { component_type: ComponentType.StringSelect, custom_id: menu.custom_id, values: [option.value] },
      message,
    );
  }

  /** Fills in the form that `asked` brought up and sends it. */
  submit(user: APIUser, asked: DoubleInteraction, words: string): DoubleInteraction {
    const modal = asked.modal as
      | { custom_id: string; components: { component: { custom_id: string; max_length?: number } }[] }
      | undefined;
    if (!modal) throw new Error('there is no form to fill in');
    const components = modal.components.map(({ component }, i) => ({
      type: ComponentType.Label,
      id: i + 1,
      component: {
        type: ComponentType.TextInput,
        id: i + 10,
        custom_id: component.custom_id,
        value: words.slice(0, component.max_length),
      },
    }));
    const data = { custom_id: modal.custom_id, components };
    return this.#interact(user, asked.channel, InteractionType.ModalSubmit, data, asked.message);
  }

  /** Waits until something is there; what `look` returns, once that is neither undefined nor false. */
  async until<T>(look: () => T | undefined | false, what = 'it', ms = 4000): Promise<T> {
    const end = Date.now() + ms;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what} in vain`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }
}
