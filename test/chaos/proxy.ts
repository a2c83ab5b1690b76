import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * How a network is: `open`; `cut`, connections are reset and refused; `stalled`, nothing passes and all of it later;
 * `lost`, what is connected hears nothing for ever, as when a router forgets it, and new connections are refused.
 */
export type Weather = 'open' | 'cut' | 'stalled' | 'lost';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  lost: boolean;
}

/** A way between one process and a server. Network namespaces would need rights that few machines give; this needs none. */
export class Proxy {
  readonly #pairs = new Set<Pair>();
  readonly #server: Server;
  #weather: Weather = 'open';

  private constructor(private readonly to: number) {
    this.#server = createServer((near) => this.#join(near));
  }

  static async open(to: number): Promise<Proxy> {
    const proxy = new Proxy(to);
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  set(weather: Weather): void {
    this.#weather = weather;
    for (const pair of this.#pairs) {
      if (weather === 'cut') pair.near.resetAndDestroy();
      if (weather === 'lost') this.#lose(pair);
      if (weather === 'stalled') this.#hold(pair);
      if (weather === 'open' && !pair.lost) for (const socket of [pair.near, pair.far]) socket.resume();
    }
  }

  #join(near: Socket): void {
    if (this.#weather === 'cut' || this.#weather === 'lost') return void near.resetAndDestroy();
    const far = connect(this.to, '127.0.0.1');
    const pair: Pair = { near, far, lost: false };
    this.#pairs.add(pair);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => void (pair.lost || into.write(bytes)));
      from.on('error', () => {});
      from.on('close', () => {
        if (from === near) this.#pairs.delete(pair);
        if (!pair.lost) into.destroy();
      });
    }
    if (this.#weather === 'stalled') this.#hold(pair);
  }

  #hold({ near, far }: Pair): void {
    near.pause();
    far.pause();
  }

  /** The server hears that the connection is gone, as its keep-alive would tell it; the process does not. */
  #lose(pair: Pair): void {
    pair.lost = true;
    pair.far.destroy();
  }

  async close(): Promise<void> {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    await new Promise((done) => this.#server.close(done));
  }
}
