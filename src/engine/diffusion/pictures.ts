import type { Autoencoder } from '../families/autoencoder.js';
import { Graph, type GraphOptions } from '../graph/graph.js';
import type { Mask, Raster } from '../raster.js';
import type { Tensor } from '../runtime/session.js';
import { footprint } from '../graph/footprint.js';
import type { SessionCache } from '../runtime/sessionCache.js';
import { workingBytes } from '../runtime/thrift.js';
import { inTiles, type Tiling, tilingOf } from './tiles.js';

/** The autoencoder's halves, and what goes in and comes out. */
const HALVES = {
  encoder: { from: 'pixels', to: 'latents' },
  decoder: { from: 'latents', to: 'pixels' },
} as const;
type Half = keyof typeof HALVES;

/** Between pictures and latents: a checkpoint's autoencoder, in tiles where a picture would take too much memory at once. */
export class Pictures {
  readonly #tilings = new Map<string, Tiling>();

  /** @param room bytes that one pass may take */
  constructor(
    private readonly autoencoder: Autoencoder,
    private readonly sessions: SessionCache,
    private readonly room = Infinity,
  ) {}

  /** Pixels a side of one latent cell. */
  get factor(): number {
    return this.autoencoder.factor;
  }

  /**
   * Latents [1, C, H/f, W/f] of a picture, the distribution's mean, scaled as the denoiser wants them.
   * @param hole pixels (1) that are left out: between black and white, as inpainting checkpoints know it
   */
  async encode({ width, height, data }: Raster, hole?: Mask): Promise<Tensor> {
    const area = width * height;
    const pixels = new Float32Array(3 * area);
    for (let i = 0; i < area; i++) {
      if (hole?.data[i]) continue;
      for (let c = 0; c < 3; c++) pixels[c * area + i] = data[i * 3 + c]! / 127.5 - 1;
    }
    const { factor } = this;
    const tiling = this.#tiling('encoder', width / factor, height / factor);
    return await inTiles(
      { shape: [1, 3, height, width], data: pixels },
      tiling,
      { from: factor, to: 1 },
      (tile) => this.#pass('encoder', tile),
    );
  }

  /** The picture of latents [1, C, h, w]. */
  async decode(latents: Tensor): Promise<Raster> {
    const [, , h, w] = latents.shape as [number, number, number, number];
    const { factor } = this;
    const pixels = await inTiles(latents, this.#tiling('decoder', w, h), { from: 1, to: factor }, (tile) =>
      this.#pass('decoder', tile),
    );
    const [width, height] = [w * factor, h * factor];
    const area = width * height;
    const data = new Uint8Array(3 * area);
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) {
        const value = pixels.data[c * area + i] as number;
        data[i * 3 + c] = Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
      }
    }
    return { width, height, data };
  }

  /** The graphs of one pass of `encode` and one of `decode`, for latents of this size. */
  passes(width: number, height: number): Graph[] {
    return (['encoder', 'decoder'] as const).map((half) => {
      const { rows, columns } = this.#tiling(half, width, height);
      return this.graph(half, columns[0]!.size, rows[0]!.size, {});
    });
  }

  /** The graph between pixels and latents of this size, in one pass. */
  graph(half: Half, width: number, height: number, options: GraphOptions): Graph {
    const graph = new Graph(options);
    if (half === 'encoder') {
      const pixels = graph.input('pixels', [1, 3, height * this.factor, width * this.factor]);
      graph.output('latents', this.autoencoder.encode(graph, pixels));
    } else {
      const latents = graph.input('latents', [1, this.autoencoder.channels, height, width]);
      graph.output('pixels', this.autoencoder.decode(graph, latents));
    }
    return graph;
  }

  async #pass(half: Half, tile: Tensor): Promise<Tensor> {
    const { from, to } = HALVES[half];
    const [height, width] = tile.shape.slice(2) as [number, number];
    const cells = half === 'encoder' ? this.factor : 1;
    const session = await this.sessions.get(`${half} ${width}x${height}`, (options) =>
      this.graph(half, width / cells, height / cells, options),
    );
    return (await session.run({ [from]: tile }, [to]))[to]!;
  }

  /** By size alone, so that the same machine gives the same picture whatever else runs on it. */
  #tiling(half: Half, width: number, height: number): Tiling {
    const key = `${half} ${width}x${height}`;
    const known = this.#tilings.get(key);
    if (known) return known;
    const tiling = tilingOf(
      width,
      height,
      (w, h) => this.room === Infinity || workingBytes(footprint(this.graph(half, w, h, {}))) <= this.room,
    );
    this.#tilings.set(key, tiling);
    return tiling;
  }
}
