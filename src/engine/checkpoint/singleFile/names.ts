/**
 * Names of tensors in checkpoints of one file (A1111, ComfyUI, Civitai), which are those of the original repositories
 * (CompVis latent-diffusion's openaimodel.py and model.py, open_clip), to diffusers' and transformers'. Held against
 * diffusers' own converters in test/engine/checkpoint/singleFile.test.ts.
 */

/** A tensor under the name diffusers knows: the whole one of the file, one of `parts` equal rows of it, or turned over. */
export interface Renamed {
  readonly name: string;
  readonly part?: { readonly index: number; readonly of: number };
  readonly transposed?: true;
}

type Table = readonly (readonly [from: RegExp, to: string])[];

const applied = (table: Table, name: string): string | undefined => {
  for (const [from, to] of table) if (from.test(name)) return name.replace(from, to);
  return undefined;
};

const RESNET: Table = [
  [/^in_layers\.0\./, 'norm1.'],
  [/^in_layers\.2\./, 'conv1.'],
  [/^emb_layers\.1\./, 'time_emb_proj.'],
  [/^out_layers\.0\./, 'norm2.'],
  [/^out_layers\.3\./, 'conv2.'],
  [/^skip_connection\./, 'conv_shortcut.'],
];

const UNET_ENDS: Table = [
  [/^input_blocks\.0\.0\./, 'conv_in.'],
  [/^time_embed\.0\./, 'time_embedding.linear_1.'],
  [/^time_embed\.2\./, 'time_embedding.linear_2.'],
  // guidance's scale, which the original has not: files of LCM carry diffusers' own name or one made after the others
  [/^time_embed(?:ding)?\.cond_proj\./, 'time_embedding.cond_proj.'],
  [/^label_emb\.0\.0\./, 'add_embedding.linear_1.'],
  [/^label_emb\.0\.2\./, 'add_embedding.linear_2.'],
  [/^out\.0\./, 'conv_norm_out.'],
  [/^out\.2\./, 'conv_out.'],
];

/** @param layers residual blocks a level on the way down; one more on the way up */
export function unetName(name: string, layers: number): string | undefined {
  const end = applied(UNET_ENDS, name);
  if (end) return end;
  const [, side, at = '', slot = '', rest = ''] =
    /^(input|output)_blocks\.(\d+)\.(\d+)\.(.+)$/.exec(name) ?? [];
  const inner = (prefix: string): string | undefined => {
    const resnet = applied(RESNET, rest);
    return resnet ? `${prefix}.${resnet}` : undefined;
  };
  if (side === 'input') {
    const [block, layer] = [Math.floor((Number(at) - 1) / (layers + 1)), (Number(at) - 1) % (layers + 1)];
    if (rest.startsWith('op.')) return `down_blocks.${block}.downsamplers.0.conv.${rest.slice(3)}`;
    return slot === '0'
      ? inner(`down_blocks.${block}.resnets.${layer}`)
      : `down_blocks.${block}.attentions.${layer}.${rest}`;
  }
  if (side === 'output') {
    const [block, layer] = [Math.floor(Number(at) / (layers + 1)), Number(at) % (layers + 1)];
    if (rest.startsWith('conv.')) return `up_blocks.${block}.upsamplers.0.${rest}`;
    return slot === '0'
      ? inner(`up_blocks.${block}.resnets.${layer}`)
      : `up_blocks.${block}.attentions.${layer}.${rest}`;
  }
  const middle = /^middle_block\.([012])\.(.+)$/.exec(name);
  if (!middle) return undefined;
  if (middle[1] === '1') return `mid_block.attentions.0.${middle[2]}`;
  const resnet = applied(RESNET, middle[2]!);
  return resnet && `mid_block.resnets.${middle[1] === '0' ? 0 : 1}.${resnet}`;
}

/** @param levels of the decoder, which the original counts from the picture and diffusers from the latents */
export function vaeName(name: string, levels: number): string | undefined {
  const known = /^(?:encoder|decoder)\.(?:conv_in|conv_out|norm_out|mid|down|up)\.|^(?:post_)?quant_conv\./;
  if (!known.test(name)) return undefined;
  return name
    .replace(/^decoder\.up\.(\d+)\./, (_, i: string) => `decoder.up_blocks.${levels - 1 - Number(i)}.`)
    .replace(/^encoder\.down\.(\d+)\./, 'encoder.down_blocks.$1.')
    .replace(/\.mid\.block_([12])\./, (_, i: string) => `.mid_block.resnets.${Number(i) - 1}.`)
    .replace(/\.mid\.attn_1\.norm\./, '.mid_block.attentions.0.group_norm.')
    .replace(/\.mid\.attn_1\.([qkv])\./, '.mid_block.attentions.0.to_$1.')
    .replace(/\.mid\.attn_1\.proj_out\./, '.mid_block.attentions.0.to_out.0.')
    .replace(/\.block\.(\d+)\./, '.resnets.$1.')
    .replace(/\.(down|up)sample\.conv\./, '.$1samplers.0.conv.')
    .replace(/\.nin_shortcut\./, '.conv_shortcut.')
    .replace(/\.norm_out\./, '.conv_norm_out.');
}

const OPEN_CLIP: Table = [
  [/^token_embedding\./, 'text_model.embeddings.token_embedding.'],
  [/^positional_embedding$/, 'text_model.embeddings.position_embedding.weight'],
  [/^ln_final\./, 'text_model.final_layer_norm.'],
  [/^transformer\.resblocks\.(\d+)\.ln_([12])\./, 'text_model.encoder.layers.$1.layer_norm$2.'],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_fc\./, 'text_model.encoder.layers.$1.mlp.fc1.'],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_proj\./, 'text_model.encoder.layers.$1.mlp.fc2.'],
  [/^transformer\.resblocks\.(\d+)\.attn\.out_proj\./, 'text_model.encoder.layers.$1.self_attn.out_proj.'],
];

/** open_clip keeps queries, keys and values in one tensor, and multiplies by its last projection from the left. */
export function openClipNames(name: string): readonly Renamed[] {
  const fused = /^transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)$/.exec(name);
  if (fused)
    return ['q', 'k', 'v'].map((letter, index) => ({
      name: `text_model.encoder.layers.${fused[1]}.self_attn.${letter}_proj.${fused[2]}`,
      part: { index, of: 3 },
    }));
  if (name === 'text_projection') return [{ name: 'text_projection.weight', transposed: true }];
  const plain = applied(OPEN_CLIP, name);
  return plain ? [{ name: plain }] : [];
}

/** transformers' own names; some files of merged models leave `text_model` out. */
export const clipName = (name: string): string | undefined =>
  /^(?:text_model\.)?(?:embeddings|encoder|final_layer_norm)\./.test(name)
    ? `text_model.${name.replace(/^text_model\./, '')}`
    : name === 'text_projection.weight'
      ? name
      : undefined;
