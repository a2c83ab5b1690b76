/** A panoptic model's folder, laid out as on the Hub for transformers.js. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { count, numbers, oneOf, read, requireOnly } from '../../checkpoint/config/fields.js';
import { readJson } from '../../checkpoint/json.js';
import { HostError } from '../../errors.js';

/** What a family calls its two outputs: classes [1, Q, C + 1], the last one for nothing; masks [1, Q, h, w], before the sigmoid. */
const OUTPUTS = {
  detr: { classes: 'logits', masks: 'pred_masks' },
  maskformer: { classes: 'class_queries_logits', masks: 'masks_queries_logits' },
} as const;
type Family = keyof typeof OUTPUTS;
const FAMILIES = Object.keys(OUTPUTS) as Family[];

/** The best of what is there. */
const MODELS = ['onnx/model.onnx', 'model.onnx', 'onnx/model_quantized.onnx'];
/** Larger pictures than this the model is never shown: what it asks for is memory. */
const MOST_EDGE = 2048;
/** transformers' own, where a file says nothing. */
const [SHORTEST, LONGEST] = [800, 1333];
const edge = () => count(MOST_EDGE);
const colours = z.object({
  image_mean: numbers(3).default([0.485, 0.456, 0.406]),
  image_std: numbers(3).default([0.229, 0.224, 0.225]),
});
const EDGES = { shortest_edge: SHORTEST, longest_edge: LONGEST };
const processor = colours.extend({
  size: z
    .object({ shortest_edge: edge(), longest_edge: edge().default(LONGEST) }, 'an object')
    .default(EDGES),
  size_divisor: edge().default(1),
});
/** Files of before 2023 have numbers side by side. */
const oldProcessor = colours.extend({
  size: edge(),
  max_size: edge().default(LONGEST),
  size_divisibility: edge().default(1),
});

/** How a picture is made ready (DetrImageProcessor, MaskFormerImageProcessor). */
export interface PanopticProcessor {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** The shorter side becomes so long, unless the longer one would get longer than it may. */
  readonly shortest: number;
  readonly longest: number;
  /** Sides are rounded up to multiples of this. */
  readonly multiple: number;
}

export interface PanopticFiles {
  readonly model: string;
  readonly outputs: { readonly classes: string; readonly masks: string };
  readonly processor: PanopticProcessor;
  /** A label's name as its data set has it: "sky-other-merged". */
  readonly labels: readonly string[];
}

/** @throws HostError naming file and field and what was expected */
export function openPanoptic(folder: string): PanopticFiles {
  const [config, preprocessor] = ['config.json', 'preprocessor_config.json'].map((file) =>
    join(folder, file),
  ) as [string, string];
  const model = MODELS.map((file) => join(folder, file)).find((file) => existsSync(file));
  const missing =
    [config, preprocessor].find((file) => !existsSync(file)) ?? (model ? '' : join(folder, MODELS[0]!));
  if (missing || !model)
    throw new HostError(
      `${missing} is missing: a segmenter is a folder with config.json, preprocessor_config.json and ${MODELS[0]} ("dedit pull segmenter" brings one)`,
    );
  const json = readJson(config);
  const family = read(config, json, z.object({ model_type: oneOf(FAMILIES) })).model_type;
  return {
    model,
    outputs: OUTPUTS[family],
    processor: processorIn(preprocessor),
    labels: labelsIn(config, json),
  };
}

function processorIn(file: string): PanopticProcessor {
  const json = readJson(file);
  requireOnly(file, json, { do_resize: [true], do_rescale: [true], do_normalize: [true], resample: [2] });
  if (typeof json.size === 'number') {
    const { image_mean, image_std, size, ...rest } = read(file, json, oldProcessor);
    const [longest, multiple] = [rest.max_size, rest.size_divisibility];
    return { mean: image_mean, std: image_std, shortest: size, longest, multiple };
  }
  const { image_mean, image_std, size, size_divisor: multiple } = read(file, json, processor);
  const [shortest, longest] = [size.shortest_edge, size.longest_edge];
  return { mean: image_mean, std: image_std, shortest, longest, multiple };
}

/** Names by number; a model of which nobody has said what its numbers mean names nothing. */
function labelsIn(file: string, { id2label }: Readonly<Record<string, unknown>>): string[] {
  const entries = typeof id2label === 'object' && id2label !== null ? Object.entries(id2label) : [];
  const labels = Array.from({ length: entries.length }, (_, i) => (id2label as Record<string, unknown>)[i]);
  if (labels.length === 0 || !labels.every((name) => typeof name === 'string'))
    throw new HostError(
      `${file}: id2label does not name every label from 0 on: choose a model that says what it sees`,
    );
  if (labels.every((name) => /^LABEL_\d+$/.test(name as string)))
    throw new HostError(
      `${file}: its labels have no names (LABEL_0, …): choose a model that says what it sees`,
    );
  return labels as string[];
}
