import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Precision } from '../../halves.js';
import type { TextEncoderPart } from '../source.js';
import { autoencoderConfig } from '../config/autoencoder.js';
import { clipTextConfig } from '../config/clip.js';
import { schedulerConfig } from '../config/scheduler.js';
import { unetConfig } from '../config/unet.js';
import {
  type Checkpoint,
  precisionOfVae,
  recommendedBy,
  requireJoined,
  type TextEncoder,
} from '../layout.js';
import { readHeader, readMetadata, readTensor } from '../safetensors.js';
import { loadTokenizer } from '../tokenizer.js';
import { ComponentWeights, WEIGHTS_ROOT } from '../weights.js';
import { componentsOf } from './components.js';
import { configsOf } from './configs.js';

/** These files hold no tokenizer: all three families use CLIP's, which comes with dedit. */
const CLIP = fileURLToPath(new URL('../../../../checkpoints/clip', import.meta.url));
/** open_clip pads with token 0, OpenAI's CLIP with its end. */
const OPEN_CLIP_PADDING = '!';

/**
 * Opens a whole SD 1.x, SD 2.x or SDXL in one file; configs are read off the tensors' shapes and the file's metadata.
 * @throws HostError saying what the file is when it is no such checkpoint
 */
export function openSingleFile(
  file: string,
  {
    cacheDir,
    tokenizer = CLIP,
    precision = 'full',
  }: { cacheDir: string; tokenizer?: string; precision?: Precision },
): Checkpoint {
  const tensors = readHeader(file);
  const found = componentsOf(file, tensors);
  const metadata = readMetadata(file);
  const marks = new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith('edm_') || tensor.shape.includes(0) ? [[name, [...readTensor(tensor)]]] : [],
    ),
  );
  const configs = configsOf(found, { metadata, tensors: marks });
  const weights = (part: 'unet' | 'vae' | TextEncoderPart['name'], own = precision): ComponentWeights =>
    ComponentWeights.of(part, file, found[part]!, cacheDir, own);
  const vae = autoencoderConfig(`${file} vae`, configs.vae);
  const textEncoder = (name: TextEncoderPart['name'], openClip: boolean): TextEncoder => ({
    name,
    config: clipTextConfig(`${file} ${name}`, configs[name]!),
    weights: weights(name),
    tokenizer: loadTokenizer(tokenizer, openClip ? OPEN_CLIP_PADDING : undefined),
  });
  const checkpoint: Checkpoint = {
    name: basename(file, '.safetensors'),
    names: [metadata['modelspec.title'] ?? '', basename(file)],
    dir: file,
    weightsRoot: WEIGHTS_ROOT,
    textEncoders: [
      textEncoder('text_encoder', found.family === 'sd2'),
      ...(found.text_encoder_2 ? [textEncoder('text_encoder_2', true)] : []),
    ],
    unet: { config: unetConfig(`${file} unet`, configs.unet), weights: weights('unet') },
    vae: {
      class_name: 'AutoencoderKL',
      config: vae,
      weights: weights('vae', precisionOfVae(vae, precision)),
    },
    scheduler: schedulerConfig(`${file} scheduler`, configs.scheduler),
    zerosForEmptyPrompt: found.family === 'sdxl',
    recommended: recommendedBy(file.replace(/\.safetensors$/, '.dedit.json')),
  };
  requireJoined(checkpoint);
  return checkpoint;
}
