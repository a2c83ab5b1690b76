import type { Autoencoder } from '../families/autoencoder.js';
import { Graph, type GraphOptions } from '../graph/graph.js';
import type { Mask, Raster } from '../raster.js';
import type { Tensor } from '../runtime/session.js';
import type { SessionCache } from '../runtime/sessionCache.js';

/** Between pictures and latents: a checkpoint's autoencoder. */
export class Pictures {
  constructor(
    private readonly autoencoder: Autoencoder,
    private readonly sessions: SessionCache,
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
    const session = await this.sessions.get(`encode ${width}x${height}`, (options) =>
      this.encoderGraph(width, height, options),
    );
    const area = width * height;
    const pixels = new Float32Array(3 * area);
    for (let i = 0; i < area; i++) {
      if (hole?.data[i]) continue;
      for (let c = 0; c < 3; c++) pixels[c * area + i] = data[i * 3 + c]! / 127.5 - 1;
    }
    const { latents } = await session.run({ pixels: { shape: [1, 3, height, width], data: pixels } }, [
      'latents',
    ]);
    return latents;
  }

  /** The picture of latents [1, C, h, w]. */
  async decode(latents: Tensor): Promise<Raster> {
    const [, , h, w] = latents.shape as [number, number, number, number];
    const session = await this.sessions.get(`decode ${w}x${h}`, (options) =>
      this.decoderGraph(w, h, options),
    );
    const { pixels } = await session.run({ latents }, ['pixels']);
    const [width, height] = [w * this.factor, h * this.factor];
    const area = width * height;
    const data = new Uint8Array(3 * area);
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) {
        data[i * 3 + c] = Math.min(255, Math.max(0, Math.round((pixels.data[c * area + i]! + 1) * 127.5)));
      }
    }
    return { width, height, data };
  }

  /** The graph of `encode` for a picture of this size. */
  encoderGraph(width: number, height: number, options: GraphOptions): Graph {
    const graph = new Graph(options);
    const pixels = graph.input('pixels', [1, 3, height, width]);
    graph.output('latents', this.autoencoder.encode(graph, pixels));
    return graph;
  }

  /** The graph of `decode` for latents of this size. */
  decoderGraph(width: number, height: number, options: GraphOptions): Graph {
    const graph = new Graph(options);
    const latents = graph.input('latents', [1, this.autoencoder.channels, height, width]);
    graph.output('pixels', this.autoencoder.decode(graph, latents));
    return graph;
  }
}
