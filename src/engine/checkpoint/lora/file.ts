import { HostError } from '../../errors.js';
import { readHeader, readMetadata, readTensor, type TensorInfo } from '../safetensors.js';
import { type Component, flat, loraKey } from './names.js';

/** A LoRA file and how strongly it is added; 1 is as its makers meant it. */
export interface LoraChoice {
  readonly file: string;
  readonly weight: number;
}

/** ΔW = scale·up·down of one layer. */
export interface LowRankUpdate {
  readonly down: TensorInfo;
  readonly up: TensorInfo;
  readonly scale: number;
}

/** Updates by component and by layer, its name flattened (see `loraKey`). */
export type LoraUpdates = ReadonlyMap<Component, ReadonlyMap<string, LowRankUpdate>>;

/** Relatives of LoRA that multiply or factor otherwise: their names, and what they are. */
const OTHERS: readonly (readonly [mark: RegExp, what: string])[] = [
  [/\.hada_w/, 'a LoHa'],
  [/\.lokr_w/, 'a LoKr'],
  [/\.dora_scale$|lora_magnitude_vector/, 'a DoRA'],
  [/\.lora_mid\./, 'a LoCon in three factors'],
  [/\.(?:diff|diff_b|w_norm|b_norm)$/, 'a file with whole differences'],
];

/**
 * Reads a LoRA of any naming.
 * @throws HostError when the file is none, is one of its relatives, or is incomplete
 */
export function readLora({ file, weight }: LoraChoice, layersPerBlock: number): LoraUpdates {
  const tensors = readHeader(file);
  const parts = new Map<Component, Map<string, Partial<Record<'down' | 'up' | 'alpha', TensorInfo>>>>();
  for (const [name, tensor] of tensors) {
    const other = OTHERS.find(([mark]) => mark.test(name));
    if (other) throw new HostError(`${file} is ${other[1]}, which dedit does not add: take a plain LoRA`);
    const key = loraKey(name, layersPerBlock);
    if (!key) continue;
    const layers = parts.get(key.component) ?? new Map<string, object>();
    parts.set(key.component, layers);
    layers.set(key.layer, { ...layers.get(key.layer), [key.role]: tensor });
  }
  if (parts.size === 0) throw new HostError(`${file} holds no LoRA: name a file with lora_down and lora_up`);
  const said = alphas(readMetadata(file));
  const complete = (
    layer: string,
    component: Component,
    { down, up, alpha }: Partial<Record<'down' | 'up' | 'alpha', TensorInfo>>,
  ): LowRankUpdate => {
    if (!down || !up) throw new HostError(`${file} has half of ${layer} only: download it again`);
    const rank = down.shape[0]!;
    if (up.shape[1] !== rank)
      throw new HostError(`${file}: ${layer} has ranks ${rank} and ${up.shape[1]}: download it again`);
    const amount = alpha ? readTensor(alpha)[0]! : (said(component, layer) ?? rank);
    return { down, up, scale: (weight * amount) / rank };
  };
  return new Map(
    [...parts].map(([component, layers]) => [
      component,
      new Map([...layers].map(([layer, found]) => [layer, complete(layer, component, found)])),
    ]),
  );
}

/** diffusers (>= 0.35) writes what PEFT needs into the metadata: "unet.lora_alpha", "unet.alpha_pattern". */
function alphas(
  metadata: Readonly<Record<string, string>>,
): (component: Component, layer: string) => number | undefined {
  let said: Record<string, unknown> = {};
  try {
    said = JSON.parse(metadata.lora_adapter_metadata ?? '{}') as Record<string, unknown>;
  } catch {
    // others' metadata may say anything: then alpha is the rank, as without it
  }
  return (component, layer) => {
    const patterns = Object.entries((said[`${component}.alpha_pattern`] ?? {}) as Record<string, number>);
    const own = patterns.find(([name]) => layer.endsWith(flat(name)))?.[1];
    const alpha = own ?? said[`${component}.lora_alpha`];
    return typeof alpha === 'number' ? alpha : undefined;
  };
}
