import type { AutoencoderTinyConfig } from '../checkpoint/config/autoencoder.js';
import type { Value } from '../graph/graph.js';
import { add, div, mul, relu, sigmoid, sub, upsampleNearest2x } from '../graph/ops/index.js';
import type { Parameters } from './parameters.js';
import { PAD_1 } from './resnet.js';

/** Latents beyond this are squeezed before decoding, as the authors of TAESD do. */
const SATURATION = 3;

/**
 * AutoencoderTiny (TAESD, github.com/madebyollin/taesd) as diffusers lays it out: a small twin of a big autoencoder
 * with the same latents. Pixels [N, 3, H, W] in ±1 -> latents [N, latent_channels, H/f, W/f], already scaled as the
 * UNet wants them.
 */
export function encodeTiny(p: Parameters, config: AutoencoderTinyConfig, pixels: Value): Value {
  const layers = numbered(p.at('encoder.layers'));
  let h = mul(add(pixels, 1), 0.5);
  for (const [i, blocks] of config.num_encoder_blocks.entries()) {
    const width = config.encoder_block_out_channels[i]!;
    h = layers().conv(h, width, i === 0 ? {} : { stride: 2 });
    for (let j = 0; j < blocks; j++) h = layers().block(h, width);
  }
  return layers().conv(h, config.latent_channels);
}

/** Latents as the UNet has them [N, latent_channels, h, w] -> pixels [N, 3, f·h, f·w] about ±1. */
export function decodeTiny(p: Parameters, config: AutoencoderTinyConfig, latents: Value): Value {
  const layers = numbered(p.at('decoder.layers'));
  const last = config.num_decoder_blocks.length - 1;
  let h: Value = mul(tanh(div(latents, SATURATION)), SATURATION);
  h = relu(layers().conv(h, config.decoder_block_out_channels[0]!));
  layers(); // the activation has a number of its own
  for (const [i, blocks] of config.num_decoder_blocks.entries()) {
    const width = config.decoder_block_out_channels[i]!;
    for (let j = 0; j < blocks; j++) h = layers().block(h, width);
    if (i < last) {
      layers(); // so has the upsampling
      h = upsampleNearest2x(h);
    }
    h = layers().conv(h, i < last ? width : config.out_channels);
  }
  return sub(mul(h, 2), 1);
}

/** A torch.nn.Sequential's parts in turn. */
function numbered(p: Parameters) {
  let next = 0;
  return () => {
    const name = String(next++);
    return {
      conv: (x: Value, width: number, attrs: { stride?: number } = {}): Value =>
        p.conv2d(name, x, width, 3, { pads: PAD_1, ...attrs }),
      block: (x: Value, width: number): Value => residual(p.at(name), x, width),
    };
  };
}

/** AutoencoderTinyBlock: three convolutions beside a skip, and one activation after both. */
function residual(p: Parameters, x: Value, width: number): Value {
  let h = relu(p.conv2d('conv.0', x, width, 3, { pads: PAD_1 }));
  h = relu(p.conv2d('conv.2', h, width, 3, { pads: PAD_1 }));
  h = p.conv2d('conv.4', h, width, 3, { pads: PAD_1 });
  return relu(add(h, x.shape[1] === width ? x : p.conv2d('skip', x, width, 1)));
}

const tanh = (x: Value): Value => sub(mul(sigmoid(mul(x, 2)), 2), 1);
