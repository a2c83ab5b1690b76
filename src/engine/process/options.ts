/** What an engine is started with, and what it opens by that. */
import {
  Editor,
  openSegmenter,
  type PrecisionChoice,
  precisionOn,
  type Safety,
  type Segmenter,
} from '../editor.js';
import type { LoraChoice } from '../checkpoint/lora/file.js';
import type { Device } from '../runtime/device.js';

export interface EngineOptions {
  /** Folder of a checkpoint in diffusers layout, or a .safetensors file. */
  readonly checkpoint: string;
  readonly device?: Device;
  /** 'auto' unless said otherwise: half where the device is proved to compute it. */
  readonly precision?: PrecisionChoice;
  readonly threads?: number;
  readonly cacheDir?: string;
  readonly loras?: readonly LoraChoice[];
  /** Files of textual inversions. */
  readonly embeddings?: readonly string[];
  /** Folder of an autoencoder in place of the checkpoint's. */
  readonly vae?: string;
  /** Folder of a panoptic model that cuts pictures. */
  readonly segmenter?: string;
  /** What becomes of drawings that the checkpoint's own safety checker flags: 'on' holds them back. */
  readonly safety?: Safety;
  /** For tests and hurried people: micro-steps of the two learning stages instead of the checkpoint's own. */
  readonly finetuneSteps?: readonly [number, number];
  /** How far the process comes after others of the machine, 5 unless said otherwise. */
  readonly niceness?: number;
  /** Megabytes, beyond mapped files, that no job may need, and above which the process is stopped (Linux only). */
  readonly memoryLimit?: number;
}

/** @throws UserError when the checkpoint or the segmenter cannot be used */
export async function openEditor(options: EngineOptions): Promise<Editor> {
  const { checkpoint, threads, cacheDir, loras, vae, embeddings, memoryLimit, safety, segmenter } = options;
  const { device = 'cpu' } = options;
  return Editor.open(checkpoint, {
    ...{ device, precision: await precisionOn(device, options.precision) },
    ...(threads ? { threads } : {}),
    ...(cacheDir ? { cacheDir } : {}),
    ...(loras ? { loras } : {}),
    ...(embeddings ? { embeddings } : {}),
    ...(vae ? { vae } : {}),
    ...(memoryLimit ? { budget: bytesIn(memoryLimit) } : {}),
    ...(safety ? { safety } : {}),
    ...(segmenter ? { segmenter } : {}),
  });
}

/** What cuts pictures without a checkpoint, where that is not what comes with dedit. */
export const segmenterIn = ({ segmenter, memoryLimit = Infinity }: EngineOptions): Segmenter | undefined =>
  segmenter === undefined ? undefined : openSegmenter(segmenter, bytesIn(memoryLimit));

const bytesIn = (megabytes: number): number => megabytes * 2 ** 20;
