import type { UNet2DConditionConfig } from '../checkpoint/config.js';
import { gradients } from '../graph/gradients.js';
import { Graph, type Value } from '../graph/graph.js';
import { expandTo, mul, reduceMean, reshape, sub } from '../graph/ops/index.js';
import { groupBias } from '../models/groupBias.js';
import { type LowRank, Parameters, type WeightSource } from '../models/parameters.js';
import { type TextEncoderPart, textCondition } from '../models/textCondition.js';
import { unet2dCondition } from '../models/unet2dCondition.js';
import { AdamW, slotName } from './adamw.js';

/** What is learned: the new tokens (D-Edit's first step), then cross-attention or LoRA (its second). */
export type Stage = 'tokens' | 'cross-attention' | 'lora';

/** The parts of a checkpoint that a training step runs through. */
export interface TrainableModel {
  readonly textEncoders: readonly TextEncoderPart[];
  readonly unet: { readonly config: UNet2DConditionConfig; readonly weights: WeightSource };
  /** Parameter names of the UNet. */
  readonly unetNames: readonly string[];
}

export interface StepShape {
  readonly stage: Stage;
  readonly batch: number;
  /** Of the latents. */
  readonly height: number;
  readonly width: number;
  /** Prompts (one an item) and tokens of each. */
  readonly prompts: number;
  readonly length: number;
  /** New tokens of all items together. */
  readonly newTokens: number;
  readonly accumulation: number;
  /** LoRA's rank and alpha (Hu et al. 2021). */
  readonly rank: number;
  readonly alpha: number;
}

/** A parameter that a stage learns. */
export interface Trainable {
  readonly name: string;
  readonly shape: readonly number[];
  /** How it starts: from the checkpoint, as LoRA's random A or zero B, or as given by the caller. */
  readonly start: 'checkpoint' | 'lora-a' | 'lora-b' | 'given';
}

/** Name of the trainable that holds an encoder's new rows. */
export const newTokensName = (encoder: string): string => `new_tokens:${encoder}`;
export const LORA_A = 'lora_A.weight';
export const LORA_B = 'lora_B.weight';

/** Everything the stage learns, in a fixed order. */
export function trainables(model: TrainableModel, { stage, newTokens, rank }: StepShape): Trainable[] {
  if (stage === 'tokens') {
    return model.textEncoders.map(({ name, config }) => ({
      name: newTokensName(name),
      shape: [newTokens, config.hidden_size],
      start: 'given',
    }));
  }
  const shapeOf = (name: string): readonly number[] => model.unet.weights.get(name).shape;
  if (stage === 'cross-attention') {
    return model.unetNames
      .filter((name) => /\.attn2\.to_[qkv]\.weight$/.test(name))
      .map((name) => ({ name, shape: shapeOf(name), start: 'checkpoint' }));
  }
  return model.unetNames
    .filter((name) => /\.attn[12]\.(to_[qkv]|to_out\.0)\.weight$/.test(name))
    .flatMap((name) => {
      const layer = name.replace(/\.weight$/, '');
      const [out, into] = shapeOf(name) as [number, number];
      return [
        { name: `${layer}.${LORA_A}`, shape: [rank, into], start: 'lora-a' as const },
        { name: `${layer}.${LORA_B}`, shape: [out, rank], start: 'lora-b' as const },
      ];
    });
}

/** Low-rank updates by layer, from trainables or learned values in the graph. */
export function lowRanks(values: ReadonlyMap<string, Value>, scale: number): Map<string, LowRank> {
  const out = new Map<string, LowRank>();
  for (const [name, a] of values) {
    if (!name.endsWith(LORA_A)) continue;
    const layer = name.slice(0, -LORA_A.length - 1);
    out.set(layer, { a, b: values.get(`${layer}.${LORA_B}`)!, scale });
  }
  return out;
}

/**
 * One micro-step of association as one graph: forward, loss, backward, accumulation and the optimiser's update.
 *
 * Loss: mean((UNet(x_t, t, prompts) − target)²) with grouped cross-attention (arXiv 2403.04880, equations 3 and 4).
 * Inputs: `sample` (noised latents), `target` [B, C, h, w], `timestep` [B], the group inputs (see groupBias), the
 * prompts' token ids (stage 'tokens') or `encoder_hidden_states` [1, K·L, D] (later stages, where the text does not
 * change), SDXL's `text_embeds` and `time_ids`, and the state of AdamW. Outputs: `loss` and the next state.
 */
export function trainingStep(model: TrainableModel, shape: StepShape): Graph {
  const { stage, batch, height, width, prompts, length } = shape;
  const graph = new Graph({ purpose: 'training' });
  const { config } = model.unet;
  const size = [batch, config.in_channels, height, width];
  const tokens = prompts * length;

  const values = new Map<string, Value>(
    trainables(model, shape).map((t) => [t.name, graph.input(slotName(t.name, 'value'), t.shape)]),
  );
  const newTokens = new Map(model.textEncoders.map(({ name }) => [name, values.get(newTokensName(name))!]));
  const sdxl = config.addition_embed_type === 'text_time';
  const text =
    stage === 'tokens' ? textCondition(graph, model.textEncoders, prompts, length, newTokens) : undefined;
  const hidden = text
    ? reshape(text.hidden, [1, tokens, config.cross_attention_dim])
    : graph.input('encoder_hidden_states', [1, tokens, config.cross_attention_dim]);

  const prediction = unet2dCondition(
    new Parameters(graph, model.unet.weights, {
      weights: values,
      lora: stage === 'lora' ? lowRanks(values, shape.alpha / shape.rank) : new Map(),
    }),
    config,
    {
      sample: graph.input('sample', size),
      timestep: graph.input('timestep', [batch]),
      encoderHiddenStates: expandTo(hidden, [batch, tokens, config.cross_attention_dim]),
      bias: groupBias(graph, batch, tokens),
      ...(sdxl ? { added: addedCondition(graph, model, batch, text?.pooled) } : {}),
    },
  );
  const error = sub(prediction, graph.input('target', size));
  const loss = reduceMean(mul(error, error));
  graph.output('loss', loss);

  const learned = [...values];
  const optimiser = new AdamW(graph, shape.accumulation);
  for (const [i, gradient] of gradients(
    loss,
    learned.map(([, value]) => value),
  ).entries()) {
    const [name, value] = learned[i]!;
    optimiser.step(name, value, gradient);
  }
  return graph;
}

/** SDXL's pooled text: the mean over the items' prompts, since one vector serves the whole picture. */
function addedCondition(
  graph: Graph,
  model: TrainableModel,
  batch: number,
  pooled: Value | undefined,
): { textEmbeds: Value; timeIds: Value } {
  const width = model.textEncoders.at(-1)!.config.projection_dim;
  const one = pooled ? reduceMean(pooled, [0], true) : graph.input('text_embeds', [1, width]);
  return { textEmbeds: expandTo(one, [batch, width]), timeIds: graph.input('time_ids', [batch, 6]) };
}
