import { HostError } from '../../errors.js';
import type { TensorInfo } from '../safetensors.js';
import { clipName, openClipNames, type Renamed, unetName, vaeName } from './names.js';

/** One tensor of a component: a slice of the file, to be turned over when `transposed`. */
export interface SingleTensor extends TensorInfo {
  readonly transposed?: true;
}

/** The components in a file, their tensors under diffusers' names. */
export interface SingleFileComponents {
  readonly unet: ReadonlyMap<string, SingleTensor>;
  readonly vae: ReadonlyMap<string, SingleTensor>;
  readonly text_encoder: ReadonlyMap<string, SingleTensor>;
  /** SDXL only. */
  readonly text_encoder_2?: ReadonlyMap<string, SingleTensor>;
  readonly family: Family;
}

export type Family = 'sd1' | 'sd2' | 'sdxl';

/** Which text encoders a family's files hold, and where. */
const TEXTS: Readonly<Record<Family, readonly { prefix: string; openClip: boolean }[]>> = {
  sd1: [{ prefix: 'cond_stage_model.transformer.', openClip: false }],
  sd2: [{ prefix: 'cond_stage_model.model.', openClip: true }],
  sdxl: [
    { prefix: 'conditioner.embedders.0.transformer.', openClip: false },
    { prefix: 'conditioner.embedders.1.model.', openClip: true },
  ],
};

/** What else people drop into their folder of models: by a name that only such files have, and what would work. */
const OTHERS: readonly (readonly [mark: RegExp, what: string])[] = [
  [
    /^lora_(?:unet|te)|\.lora_(?:down|up|A|B)\./,
    'a LoRA, not a checkpoint: name it by --lora or LORAS= beside a checkpoint',
  ],
  [/joint_blocks\./, 'Stable Diffusion 3: dedit takes SD 1.x, SD 2.x and SDXL'],
  [/double_blocks\./, 'Flux: dedit takes SD 1.x, SD 2.x and SDXL'],
  [/^conditioner\.embedders\.0\.model\./, "SDXL's refiner: name the base checkpoint"],
  [
    /^(?:encoder|decoder|first_stage_model)\./,
    'only an autoencoder: name the checkpoint that it was made for',
  ],
  [/^control_model\.|controlnet/, 'a ControlNet: name the checkpoint that it was made for'],
  [/^emb_params$|^string_to_param/, 'an embedding: name a checkpoint'],
];

/**
 * Sorts the tensors of a checkpoint in one file into its components.
 * @throws HostError saying what the file is when it is no whole SD 1.x, SD 2.x or SDXL
 */
export function componentsOf(file: string, tensors: ReadonlyMap<string, TensorInfo>): SingleFileComponents {
  const under = (prefix: string): [string, TensorInfo][] =>
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as [string, TensorInfo]] : [],
    );
  const has = (prefix: string): boolean => under(prefix).length > 0;
  const families = Object.keys(TEXTS) as Family[];
  const family = families.find((name) => TEXTS[name].every(({ prefix }) => has(prefix)));
  const unet = under('model.diffusion_model.');
  const vae = under('first_stage_model.');
  if (!family || unet.length === 0) throw refusal(file, tensors, unet.length > 0);
  if (vae.length === 0)
    throw new HostError(`${file} has no autoencoder in it: take the variant of this checkpoint with its VAE`);

  const layers = unet.filter(([name]) => /^output_blocks\.\d+\.0\.in_layers\.0\.weight$/.test(name)).length;
  const levels = 1 + unet.filter(([name]) => /^input_blocks\.\d+\.0\.op\.weight$/.test(name)).length;
  const depth = vae.filter(([name]) => /^decoder\.up\.\d+\.block\.0\.norm1\.weight$/.test(name)).length;
  const one = (name: string | undefined): readonly Renamed[] => (name === undefined ? [] : [{ name }]);
  const texts = TEXTS[family].map(({ prefix, openClip }) =>
    renamed(under(prefix), (name) => (openClip ? openClipNames(name) : one(clipName(name)))),
  );
  return {
    family,
    unet: renamed(unet, (name) => one(unetName(name, layers / levels - 1))),
    vae: renamed(vae, (name) => one(vaeName(name, depth))),
    text_encoder: texts[0]!,
    ...(texts[1] ? { text_encoder_2: texts[1] } : {}),
  };
}

function renamed(
  tensors: readonly (readonly [string, TensorInfo])[],
  names: (name: string) => readonly Renamed[],
): Map<string, SingleTensor> {
  const out = new Map<string, SingleTensor>();
  for (const [from, tensor] of tensors) {
    for (const { name, part, transposed } of names(from)) {
      const sliced = part ? slice(tensor, part) : tensor;
      const [rows, columns] = sliced.shape as [number, number];
      out.set(name, {
        ...sliced,
        name,
        ...(transposed ? { transposed, shape: [columns, rows] } : {}),
      });
    }
  }
  return out;
}

/** Rows of a tensor lie one after another in the file. */
function slice(tensor: TensorInfo, { index, of }: { index: number; of: number }): TensorInfo {
  const [rows, ...rest] = tensor.shape as [number, ...number[]];
  const length = tensor.length / of;
  return { ...tensor, shape: [rows / of, ...rest], offset: tensor.offset + index * length, length };
}

function refusal(file: string, tensors: ReadonlyMap<string, TensorInfo>, unet: boolean): HostError {
  for (const [mark, what] of OTHERS) {
    if ([...tensors.keys()].some((name) => mark.test(name))) return new HostError(`${file} is ${what}`);
  }
  return new HostError(
    unet
      ? `${file} has no text encoder that dedit knows: it takes whole checkpoints of SD 1.x, SD 2.x and SDXL`
      : `${file} is no checkpoint that dedit knows: it takes SD 1.x, SD 2.x and SDXL in one file or in diffusers layout`,
  );
}
