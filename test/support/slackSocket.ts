import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SlackProxy } from './slackProxy.js';

interface Acknowledgement {
  readonly afterMs: number;
  readonly payload?: { readonly text?: string };
}

/** Slack's end of Socket Mode (docs.slack.dev/apis/events-api/using-socket-mode). */
export class SlackSocket {
  readonly #sockets = new Set<WebSocket>();
  readonly #acks = new Map<string, Acknowledgement>();
  readonly #sent = new Map<string, number>();
  /** How many connections there were. */
  opened = 0;

  private constructor(
    private readonly server: WebSocketServer,
    private readonly proxy: SlackProxy,
  ) {
    server.on('connection', (socket) => {
      this.opened++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('message', (data) => {
        const { envelope_id, payload } = JSON.parse(String(data)) as {
          envelope_id: string;
          payload?: { text?: string };
        };
        const afterMs = Date.now() - this.#sent.get(envelope_id)!;
        this.#acks.set(envelope_id, { afterMs, ...(payload ? { payload } : {}) });
      });
      socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } }));
    });
  }

  static async open(proxy: SlackProxy): Promise<SlackSocket> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((done) => server.once('listening', done));
    const socket = new SlackSocket(server, proxy);
    socket.mend();
    return socket;
  }

  /** Connections are given out. */
  mend(): void {
    const { port } = this.server.address() as AddressInfo;
    this.proxy.stub('apps.connections.open', { ok: true, url: `ws://127.0.0.1:${port}/link` });
  }

  /** Tells of something; resolves to its envelope's id. */
  tell(type: 'events_api' | 'slash_commands' | 'interactive', payload: object, more: object = {}): string {
    const envelope_id = randomUUID();
    this.#sent.set(envelope_id, Date.now());
    const [socket] = this.#sockets;
    socket!.send(
      JSON.stringify({ ...{ type, envelope_id, payload, accepts_response_payload: true }, ...more }),
    );
    return envelope_id;
  }

  ack(envelope: string): Acknowledgement | undefined {
    return this.#acks.get(envelope);
  }

  /** Slack recycles connections every few hours, and says so. */
  recycle(): void {
    for (const socket of this.#sockets)
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
  }

  get connected(): boolean {
    return this.#sockets.size > 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await new Promise((done) => this.server.close(done));
  }
}
