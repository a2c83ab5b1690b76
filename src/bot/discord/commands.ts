import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  REST,
  Routes,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js';
import { UserError } from '../../engine/errors.js';
import { MAX_FIELD } from '../limits.js';
import { invitePermissions } from './permissions.js';

export const EDIT_WITH_DEDIT = 'Edit with dedit';

/** Installed in servers, usable there and in direct messages with the bot. */
const where = {
  integration_types: [ApplicationIntegrationType.GuildInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
};

/** What Discord is told once, by `dedit register`. */
export const applicationCommands: RESTPostAPIApplicationCommandsJSONBody[] = [
  {
    ...where,
    type: ApplicationCommandType.ChatInput,
    name: 'dedit',
    description: 'Edit a picture item by item',
    options: [
      {
        type: ApplicationCommandOptionType.Subcommand,
        name: 'upload',
        description: 'Cut a picture into items, in a thread of its own',
        options: [
          {
            type: ApplicationCommandOptionType.Attachment,
            name: 'picture',
            description: 'The picture to edit',
            required: true,
          },
          {
            type: ApplicationCommandOptionType.Attachment,
            name: 'reference',
            description: 'A second picture whose items can be used: "replace 3 with B2"',
          },
          {
            type: ApplicationCommandOptionType.String,
            name: 'items',
            description: 'What is to be among its items, as "dog, ball"',
            max_length: MAX_FIELD,
          },
          {
            type: ApplicationCommandOptionType.String,
            name: 'checkpoint',
            description: 'The diffusion model to edit with',
            autocomplete: true,
            max_length: 100,
          },
        ],
      },
      {
        type: ApplicationCommandOptionType.Subcommand,
        name: 'say',
        description: 'Say something in the thread of a picture, as "replace 3 with a pizza"',
        options: [
          {
            type: ApplicationCommandOptionType.String,
            name: 'text',
            description: 'What to do: "help" lists everything',
            required: true,
            max_length: 1000,
          },
          {
            type: ApplicationCommandOptionType.Attachment,
            name: 'mask',
            description: 'A black-and-white picture for "reshape 3", white inside',
          },
        ],
      },
      {
        type: ApplicationCommandOptionType.Subcommand,
        name: 'help',
        description: 'What dedit can do and how to say it',
      },
    ],
  },
  { ...where, type: ApplicationCommandType.Message, name: EDIT_WITH_DEDIT },
];

export interface RegisterOptions {
  readonly token: string;
  /** Asked of Discord when it is not given. */
  readonly applicationId?: string | undefined;
  /** One server, where commands appear at once; all servers when it is not given. */
  readonly guildId?: string | undefined;
  /** For tests: where the API is. */
  readonly rest?: { readonly api?: string };
}

/** The link by which an admin adds the bot, with the least permissions that work. */
export const inviteLink = (applicationId: string): string =>
  `https://discord.com/oauth2/authorize?client_id=${applicationId}&scope=bot+applications.commands&permissions=${invitePermissions}`;

/**
 * Puts the slash commands and the context-menu command in place of those that were registered before.
 * @throws UserError for a token or server that Discord does not accept
 */
export async function registerCommands(
  options: RegisterOptions,
): Promise<{ applicationId: string; commands: string[]; invite: string }> {
  const rest = new REST(options.rest ?? {}).setToken(options.token);
  const body: RESTPutAPIApplicationCommandsJSONBody = applicationCommands;
  try {
    const applicationId =
      options.applicationId ?? ((await rest.get(Routes.currentApplication())) as { id: string }).id;
    const route =
      options.guildId === undefined
        ? Routes.applicationCommands(applicationId)
        : Routes.applicationGuildCommands(applicationId, options.guildId);
    await rest.put(route, { body });
    return { applicationId, commands: body.map(({ name }) => name), invite: inviteLink(applicationId) };
  } catch (error) {
    const status = (error as { status?: number }).status;
    if (status === 401)
      throw new UserError(
        'Discord does not accept the token; copy it anew from the Bot page of the application.',
      );
    if (status === 403 || status === 404)
      throw new UserError(
        'Discord does not let this bot register commands there; add it to the server by the invite link first.',
      );
    throw error;
  }
}
