import type { Value } from '../graph/graph.js';
import { add, attention, concat, geglu, reshape, split, transpose } from '../graph/ops/index.js';
import type { Parameters } from './parameters.js';

/** What a transformer block listens to. */
export interface CrossAttentionContext {
  /** [N, T, D] */
  readonly encoderHiddenStates: Value;
  /** Additive bias [N|1, 1, height*width, T] for latents of that size: the groups of grouped cross-attention. */
  readonly bias?: ((height: number, width: number) => Value) | undefined;
}

interface TransformerConfig {
  readonly heads: number;
  readonly layers: number;
  readonly groups: number;
  /** Linear projections in and out (SD 2.x, SDXL) rather than 1x1 convolutions (SD 1.x). */
  readonly linearProjection: boolean;
  /** Attention in float32 also where all else is in halves: its scores leave their range (SD 2.1). */
  readonly upcast?: boolean;
}

const LAYER_NORM_EPSILON = 1e-5;
const GROUP_NORM_EPSILON = 1e-6;
/** How many numbers of a kind are worked on together: 10 MiB, of the 16 to 32 that a core's last cache has. */
const CACHED = 2.5 * 2 ** 20;

type Heads = Pick<TransformerConfig, 'heads' | 'upcast'>;

function attend(p: Parameters, x: Value, context: Value, { heads, upcast }: Heads, bias?: Value): Value {
  const width = x.shape[2] as number;
  const [q, k, v] = [
    p.linear('to_q', x, width),
    p.linear('to_k', context, width),
    p.linear('to_v', context, width),
  ];
  const attended = (): Value => attention(q, k, v, { heads, bias });
  return p.linear('to_out.0', upcast ? p.graph.within('full', attended) : attended(), width);
}

/** GEGLU (Shazeer 2020) and a linear layer. On a processor some tokens at a time: they stay in its cache. */
function feedForward(p: Parameters, x: Value): Value {
  const [n, t, width] = x.shape as [number, number, number];
  const layer = (tokens: Value): Value =>
    p.linear('net.2', geglu(p.linear('net.0.proj', tokens, width * 8)), width);
  const together = p.graph.onCpu ? Math.ceil(CACHED / (width * 8)) : n * t;
  return reshape(concat(split(reshape(x, [n * t, width]), 0, together).map(layer), 0), [n, t, width]);
}

/** diffusers' BasicTransformerBlock over tokens h [N, T, C]. */
function transformerBlock(
  p: Parameters,
  h: Value,
  { encoderHiddenStates }: CrossAttentionContext,
  heads: Heads,
  bias: Value | undefined,
): Value {
  const own = p.layerNorm('norm1', h, LAYER_NORM_EPSILON);
  const seen = add(h, attend(p.at('attn1'), own, own, heads));
  const listening = p.layerNorm('norm2', seen, LAYER_NORM_EPSILON);
  const told = add(seen, attend(p.at('attn2'), listening, encoderHiddenStates, heads, bias));
  return add(told, feedForward(p.at('ff'), p.layerNorm('norm3', told, LAYER_NORM_EPSILON)));
}

/** diffusers' Transformer2DModel over latents x [N, C, H, W]. Each of its blocks may be computed again for itself. */
export function spatialTransformer(
  p: Parameters,
  x: Value,
  context: CrossAttentionContext,
  { layers, groups, linearProjection, ...heads }: TransformerConfig,
): Value {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const tokens = (v: Value): Value => reshape(transpose(v, [0, 2, 3, 1]), [n, height * width, c]);
  const image = (v: Value): Value => transpose(reshape(v, [n, height, width, c]), [0, 3, 1, 2]);
  const entered = (): Value => {
    const normal = p.groupNorm('norm', x, { groups, epsilon: GROUP_NORM_EPSILON });
    return linearProjection
      ? p.linear('proj_in', tokens(normal), c)
      : tokens(p.conv2d('proj_in', normal, c, 1));
  };
  const left = (h: Value): Value =>
    linearProjection ? image(p.linear('proj_out', h, c)) : p.conv2d('proj_out', image(h), c, 1);

  const bias = context.bias?.(height, width);
  let h: Value | undefined;
  for (let i = 0; i < layers; i++) {
    h = p.graph.segment(() => {
      const out = transformerBlock(p.at(`transformer_blocks.${i}`), h ?? entered(), context, heads, bias);
      return i < layers - 1 ? out : add(x, left(out));
    });
  }
  return h!;
}
