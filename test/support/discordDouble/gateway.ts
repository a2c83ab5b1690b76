import { type Server } from 'node:http';
import { GatewayDispatchEvents, GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Connection {
  readonly socket: WebSocket;
  intents: number;
  shard: [number, number];
  sequence: number;
}

export interface GatewayOptions {
  readonly token: string;
  /** Whether the message content intent is switched on for the application. */
  readonly messageContent: boolean;
  /** What a bot learns when it has identified: READY's body and a GUILD_CREATE each. */
  ready(): { ready: object; guilds: { id: string }[] };
}

/** Discord's gateway: hello, identify, heartbeats, dispatches for the intents that were asked for. */
export class Gateway {
  readonly connections = new Set<Connection>();
  identified = 0;

  constructor(
    server: Server,
    readonly options: GatewayOptions,
  ) {
    new WebSocketServer({ server, path: '/gateway' }).on('connection', (socket) => this.#welcome(socket));
  }

  #welcome(socket: WebSocket): void {
    const connection: Connection = { socket, intents: 0, shard: [0, 1], sequence: 0 };
    socket.send(JSON.stringify({ op: GatewayOpcodes.Hello, d: { heartbeat_interval: 41_250 } }));
    socket.on('close', () => this.connections.delete(connection));
    socket.on('message', (data) => {
      const { op, d } = JSON.parse(String(data)) as {
        op: number;
        d: { token: string; intents: number; shard?: [number, number] };
      };
      if (op === GatewayOpcodes.Heartbeat) socket.send(JSON.stringify({ op: GatewayOpcodes.HeartbeatAck }));
      else if (op === GatewayOpcodes.Resume) socket.send(JSON.stringify({ op: 9, d: false }));
      else if (op === GatewayOpcodes.Identify) this.#identify(connection, d);
    });
  }

  #identify(connection: Connection, d: { token: string; intents: number; shard?: [number, number] }): void {
    if (d.token !== this.options.token) return connection.socket.close(4004, 'Authentication failed.');
    if (d.intents & GatewayIntentBits.MessageContent && !this.options.messageContent)
      return connection.socket.close(4014, 'Disallowed intent(s).');
    this.identified++;
    connection.intents = d.intents;
    connection.shard = d.shard ?? [0, 1];
    const { ready, guilds } = this.options.ready();
    const mine = guilds.filter((g) => this.#hears(connection, g.id));
    this.#send(connection, GatewayDispatchEvents.Ready, {
      ...ready,
      guilds: mine.map(({ id }) => ({ id, unavailable: true })),
      shard: connection.shard,
    });
    this.connections.add(connection);
    for (const guild of mine) this.#send(connection, GatewayDispatchEvents.GuildCreate, guild);
  }

  #hears({ shard: [id, of] }: Connection, guild: string | undefined): boolean {
    return guild === undefined ? id === 0 : Number((BigInt(guild) >> 22n) % BigInt(of)) === id;
  }

  #send(connection: Connection, t: string, d: object): void {
    const s = ++connection.sequence;
    connection.socket.send(JSON.stringify({ op: GatewayOpcodes.Dispatch, t, s, d }));
  }

  /** @param intent the bits of which a connection must have asked for one; none for events everybody gets */
  dispatch(t: GatewayDispatchEvents, d: object, guild: string | undefined, intent?: number): void {
    for (const connection of this.connections)
      if (this.#hears(connection, guild) && (intent === undefined || connection.intents & intent))
        this.#send(connection, t, d);
  }

  dispatchTo(connection: Connection, t: GatewayDispatchEvents, d: object, guild: string | undefined): void {
    if (this.#hears(connection, guild)) this.#send(connection, t, d);
  }

  /** As the network does: without a word. */
  cut(): void {
    for (const { socket } of this.connections) socket.terminate();
  }
}
