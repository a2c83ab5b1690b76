import { InteractionResponseType as Response, MessageFlags } from 'discord-api-types/v10';
import { type FileFacts, choicesProblems, messageProblems, modalProblems } from './limits.js';
import { type DoubleMessage, snowflake, type World } from './world.js';

type Json = Record<string, unknown>;

/** One interaction, from the press to what the person saw. */
export interface DoubleInteraction {
  readonly id: string;
  readonly token: string;
  readonly user: string;
  readonly channel: string;
  readonly at: number;
  /** The message whose component was used. */
  readonly message?: DoubleMessage;
  acknowledgedAfterMs?: number;
  type?: Response;
  ephemeral?: boolean;
  /** The message that answers: its id once there is one. */
  original?: string;
  modal?: Json;
  choices?: { name: string; value: string }[];
  /** What only this person read. */
  readonly ephemerals: DoubleMessage[];
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}
export const refusal = (status: number, code: number, message: string): Answer => ({
  status,
  body: { code, message },
});
const invalid = (problems: readonly string[]): Answer =>
  refusal(400, 50035, `Invalid Form Body: ${problems.join('; ')}`);

/** Interactions' callbacks and webhooks: three seconds to acknowledge, once. */
export class Interactions {
  readonly all: DoubleInteraction[] = [];
  readonly violations: string[] = [];
  ackWithinMs = 3000;
  tokenLifeMs = 15 * 60_000;

  constructor(readonly world: World) {}

  begin(user: string, channel: string, message?: DoubleMessage): DoubleInteraction {
    const made: DoubleInteraction = {
      id: snowflake(),
      token: `token-${snowflake()}`,
      user,
      channel,
      at: performance.now(),
      ephemerals: [],
      ...(message && { message }),
    };
    this.all.push(made);
    return made;
  }

  /** Those that Discord would have shown as failed. */
  unacknowledged(): DoubleInteraction[] {
    return this.all.filter((i) => i.acknowledgedAfterMs === undefined);
  }

  #invalid(problems: readonly string[]): Answer | undefined {
    if (problems.length === 0) return undefined;
    this.violations.push(...problems);
    return invalid(problems);
  }

  callback(token: string, body: Json, files: readonly FileFacts[]): Answer {
    const found = this.all.find((i) => i.token === token);
    const after = found ? performance.now() - found.at : Infinity;
    if (!found || after > this.ackWithinMs) return refusal(404, 10062, 'Unknown interaction');
    if (found.acknowledgedAfterMs !== undefined)
      return refusal(400, 40060, 'Interaction has already been acknowledged.');
    const type = body['type'] as Response;
    const data = (body['data'] ?? {}) as Json;
    const wrong = this.#invalid(
      type === Response.Modal
        ? modalProblems(data)
        : type === Response.ApplicationCommandAutocompleteResult
          ? choicesProblems(data)
          : messageProblems(data, files, [], type !== Response.ChannelMessageWithSource),
    );
    if (wrong) return wrong;
    found.acknowledgedAfterMs = after;
    found.type = type;
    found.ephemeral = (Number(data['flags'] ?? 0) & MessageFlags.Ephemeral) !== 0;
    if (type === Response.Modal) found.modal = data;
    if (type === Response.ApplicationCommandAutocompleteResult)
      found.choices = data['choices'] as { name: string; value: string }[];
    if (type === Response.ChannelMessageWithSource) this.#say(found, data, files);
    if (type === Response.UpdateMessage && found.message) this.#change(found.message, data, files);
    return { status: 204 };
  }

  #say(interaction: DoubleInteraction, data: Json, files: readonly FileFacts[]): DoubleMessage {
    const { world } = this;
    const ephemeral =
      (Number(data['flags'] ?? 0) & MessageFlags.Ephemeral) !== 0 || interaction.ephemeral === true;
    const message = world.addMessage(
      interaction.channel,
      world.bot,
      {
        content: data['content'] as string,
        components: (data['components'] ?? []) as object[],
        attachments: world.attach(files, (data['attachments'] ?? []) as Json[]),
        flags: ephemeral ? MessageFlags.Ephemeral : 0,
      },
      { pings: pingsOf(data), ...(ephemeral && { onlyFor: interaction.user }) },
    );
    if (ephemeral) interaction.ephemerals.push(message);
    interaction.original ??= message.id;
    return message;
  }

  #change(message: DoubleMessage, data: Json, files: readonly FileFacts[]): void {
    if (data['content'] !== undefined) message.content = (data['content'] as string | null) ?? '';
    if (data['components'] !== undefined)
      message.components = data['components'] as DoubleMessage['components'] & object;
    if (files.length > 0)
      message.attachments = this.world.attach(files, (data['attachments'] ?? []) as Json[]) as never;
    message.edits++;
  }

  /** `/webhooks/{application}/{token}`: follow-ups and the original answer. */
  webhook(
    method: string,
    token: string,
    target: string | undefined,
    body: Json,
    files: readonly FileFacts[],
  ): Answer {
    const found = this.all.find((i) => i.token === token);
    if (!found || performance.now() - found.at > this.tokenLifeMs)
      return refusal(401, 50027, 'Invalid Webhook Token');
    if (found.acknowledgedAfterMs === undefined) return refusal(404, 10015, 'Unknown Webhook');
    const wrong = this.#invalid(messageProblems(body, files, [], method !== 'POST'));
    if (wrong) return wrong;
    if (method === 'POST') {
      const flags = Number(body['flags'] ?? 0);
      const ephemeral = (flags & MessageFlags.Ephemeral) !== 0;
      return { status: 200, body: this.world.asTold(this.#say({ ...found, ephemeral }, body, files)) };
    }
    const id = target === '@original' ? found.original : target;
    const messages = this.world.messages.get(found.channel)!;
    if (method === 'DELETE') {
      if (id !== undefined) messages.delete(id);
      else if (found.type !== Response.DeferredChannelMessageWithSource)
        return refusal(404, 10008, 'Unknown Message');
      delete found.original;
      return { status: 204 };
    }
    const message = id === undefined ? undefined : messages.get(id);
    if (method === 'PATCH' && !message && found.type === Response.DeferredChannelMessageWithSource)
      return { status: 200, body: this.world.asTold(this.#say(found, body, files)) };
    if (!message) return refusal(404, 10008, 'Unknown Message');
    if (method === 'PATCH') this.#change(message, body, files);
    return { status: 200, body: this.world.asTold(message) };
  }
}

/** Whom a body would notify, by Discord's rules for `allowed_mentions`. */
export function pingsOf(body: Json): string[] {
  const content = String(body['content'] ?? '');
  const allowed = body['allowed_mentions'] as { parse?: string[]; users?: string[] } | undefined;
  const users = [...content.matchAll(/<@!?(\d+)>/g)].map(([, id]) => id!);
  const pings =
    allowed && !allowed.parse?.includes('users') ? users.filter((u) => allowed.users?.includes(u)) : users;
  const everyone = /@(everyone|here)/.test(content) && (!allowed || allowed.parse?.includes('everyone'));
  return everyone ? [...pings, 'everyone'] : pings;
}
