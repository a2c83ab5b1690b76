import { z } from 'zod';
import { count, type Json, number, oneOf, read, requireDivides, requireOnly, within } from './fields.js';

/** What CLIP's two towers have alike, with the defaults that differ. */
const layers = (hidden: number, intermediate: number, heads: number) =>
  z.object({
    hidden_size: count().default(hidden),
    intermediate_size: count().default(intermediate),
    num_hidden_layers: count().default(12),
    num_attention_heads: count().default(heads),
    hidden_act: oneOf(['quick_gelu', 'gelu']).default('quick_gelu'),
    layer_norm_eps: number().default(1e-5),
    projection_dim: count().default(512),
  });

/** Fields and defaults as in transformers' CLIPTextConfig. */
const text = layers(512, 2048, 8).extend({
  vocab_size: count().default(49408),
  // a beginning, a token and an end
  max_position_embeddings: count(Infinity, 3).default(77),
  bos_token_id: number().default(49406),
  eos_token_id: number().default(49407),
});

/** Fields and defaults as in transformers' CLIPVisionConfig. */
const vision = layers(768, 3072, 12).extend({
  /** Pixels a side of the square pictures it takes. */
  image_size: count().default(224),
  patch_size: count().default(32),
});

export type CLIPLayersConfig = Readonly<z.infer<ReturnType<typeof layers>>>;
export type CLIPTextConfig = Readonly<z.infer<typeof text>>;
export type CLIPVisionConfig = Readonly<z.infer<typeof vision>>;

/** A text encoder's; a whole CLIP's config holds it as text_config. @throws HostError naming the field */
export function clipTextConfig(whole: string, json: Json): CLIPTextConfig {
  const [file, own] = within(whole, json, 'text_config');
  requireOnly(file, own, { model_type: ['clip_text_model', 'clip'] });
  return requireHeads(file, read(file, own, text));
}

/** A picture tower's; a whole CLIP's config holds it as vision_config. @throws HostError naming the field */
export function clipVisionConfig(whole: string, json: Json): CLIPVisionConfig {
  const [file, own] = within(whole, json, 'vision_config');
  requireOnly(file, own, { model_type: ['clip_vision_model', 'clip'], num_channels: [3] });
  const config = requireHeads(file, read(file, own, vision));
  requireDivides(file, 'image_size', config.image_size, 'patch_size', config.patch_size);
  // where there is a whole CLIP, its own projection counts
  const joint = read(whole, json, z.object({ projection_dim: count().default(config.projection_dim) }));
  return { ...config, ...joint };
}

function requireHeads<T extends CLIPLayersConfig>(file: string, config: T): T {
  requireDivides(file, 'hidden_size', config.hidden_size, 'num_attention_heads', config.num_attention_heads);
  return config;
}
