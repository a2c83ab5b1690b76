import { basename, extname } from 'node:path';
import { HostError } from '../errors.js';
import type { Tensor } from '../runtime/session.js';
import { readHeader, readTensor, type TensorInfo } from './safetensors.js';
import type { TextEncoderPart } from './source.js';

/** A textual inversion (Gal et al. 2022): a name in prompts that stands for rows of token embeddings. */
export interface Embedding {
  readonly name: string;
  /** Rows [tokens, hidden_size] by text encoder; as many tokens for each. */
  readonly rows: ReadonlyMap<string, Tensor>;
}

/** How A1111, kohya and diffusers call the rows of SDXL's two text encoders. */
const KEYS: Readonly<Record<TextEncoderPart['name'], string>> = {
  text_encoder: 'clip_l',
  text_encoder_2: 'clip_g',
};

/**
 * Reads a textual inversion: one tensor (A1111's `emb_params`, diffusers' token as its key), or `clip_l` and `clip_g`.
 * @param encoders of the checkpoint that is to understand it
 * @throws HostError when the file is none, or is for another kind of checkpoint
 */
export function readEmbedding(file: string, encoders: readonly TextEncoderPart[]): Embedding {
  if (!file.endsWith('.safetensors'))
    throw new HostError(`${file} is no .safetensors file: convert the embedding first`);
  const tensors = readHeader(file);
  const keys = [...tensors.keys()];
  const one = keys.length === 1 ? tensors.get(keys[0]!) : undefined;
  const rows = new Map<string, Tensor>();
  for (const { name, config } of encoders) {
    const info = tensors.get(KEYS[name]) ?? (encoders.length === 1 ? one : undefined);
    const width = info?.shape.at(-1);
    if (!info || info.shape.length > 2 || width !== config.hidden_size) {
      const found = keys.map((key) => `${key} [${tensors.get(key)!.shape}]`).join(', ');
      const wanted = encoders.length > 1 ? `${KEYS[name]} ` : 'one tensor ';
      throw new HostError(
        `${file} holds ${found || 'nothing'}, and this checkpoint needs ${wanted}[tokens, ${config.hidden_size}]: it is for another kind of checkpoint`,
      );
    }
    rows.set(name, matrix(info));
  }
  const counts = new Set([...rows.values()].map(({ shape }) => shape[0]));
  if (counts.size > 1) throw new HostError(`${file} has more rows for one text encoder than for the other`);
  // diffusers' own files are called by the token: <cat-toy>; <item-1> of a --save folder stands for what was learned of a picture
  const told = one && /^<(?!item-\d+>).+>$/.test(keys[0]!);
  const token = told ? keys[0]! : basename(file, extname(file));
  return { name: token, rows };
}

function matrix(info: TensorInfo): Tensor {
  const shape = info.shape.length === 1 ? [1, info.shape[0]!] : info.shape;
  return { shape, data: readTensor(info) };
}
