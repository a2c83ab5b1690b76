import { unetName } from '../singleFile/names.js';

/**
 * The namings of LoRA files: kohya's scripts (Civitai, A1111), the same from the original repository's names (SDXL),
 * PEFT's, and diffusers' before PEFT. One row a naming.
 */
export type Component = 'unet' | 'text_encoder' | 'text_encoder_2';

/** The two factors of ΔW = scale·up·down, and alpha, with which scale = alpha / rank. */
export type Role = 'down' | 'up' | 'alpha';

export interface LoraKey {
  readonly component: Component;
  /** The layer's name with `_` for `.`, which kohya's scripts do and nobody can undo without the model's own names. */
  readonly layer: string;
  readonly role: Role;
}

const KOHYA: Readonly<Record<string, Component>> = {
  lora_unet: 'unet',
  lora_te: 'text_encoder',
  lora_te1: 'text_encoder',
  lora_te2: 'text_encoder_2',
};
const ROLES: readonly (readonly [suffix: RegExp, role: Role])[] = [
  [/\.(?:lora_down|lora_A|lora\.down|lora_linear_layer\.down)\.weight$/, 'down'],
  [/\.(?:lora_up|lora_B|lora\.up|lora_linear_layer\.up)\.weight$/, 'up'],
  [/\.alpha$/, 'alpha'],
];

/**
 * @param layersPerBlock the UNet's, to read names of the original repository
 * @returns undefined for what is no part of a LoRA that dedit adds
 */
export function loraKey(key: string, layersPerBlock: number): LoraKey | undefined {
  // diffusers before 0.22: "attn1.processor.to_q_lora.down.weight"
  const plain = key.replace(
    /\.processor\.(to_[qkv]|to_out)_lora\.(down|up)\.weight$/,
    (_, leaf: string, side: string) => `.${leaf === 'to_out' ? 'to_out.0' : leaf}.lora.${side}.weight`,
  );
  const [suffix, role] = ROLES.find(([end]) => end.test(plain)) ?? [];
  if (!suffix) return undefined;
  const name = plain.replace(suffix, '').replace(/^base_model\.model\./, '');
  const kohya = /^(lora_unet|lora_te[12]?)_(.+)$/.exec(name);
  if (kohya) {
    const component = KOHYA[kohya[1]!]!;
    const layer = component === 'unet' ? fromOriginal(kohya[2]!, layersPerBlock) : kohya[2]!;
    return { component, layer, role: role! };
  }
  const [, part, layer] = /^(unet|text_encoder(?:_2)?)\.(.+)$/.exec(name) ?? [];
  const within = layer ?? name; // a bare PEFT adapter is of the UNet
  return { component: (part as Component | undefined) ?? 'unet', layer: flat(within), role: role! };
}

export const flat = (layer: string): string => layer.replaceAll('.', '_');

/** "input_blocks_4_1_proj_in" -> "down_blocks_1_attentions_0_proj_in"; others as they are. */
function fromOriginal(layer: string, layersPerBlock: number): string {
  const block = /^((?:in|out)put_blocks_\d+_\d+|middle_block_\d+)_(.+)$/.exec(layer);
  if (!block) return layer;
  // only within residual blocks does the original number its layers
  const rest = block[2]!.replace(/^(in_layers|out_layers|emb_layers)_(\d)$/, '$1.$2');
  const place = block[1]!.replace(/_(?=\d)/g, '.');
  const found = unetName(`${place}.${rest}.`, layersPerBlock);
  return found ? flat(found.replace(/\.$/, '')) : layer;
}
