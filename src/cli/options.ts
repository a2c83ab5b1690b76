import { InvalidArgumentError, Option } from 'commander';
import { parseEmbedding, parseLora } from '../app/checkpoints.js';
import { PRECISIONS } from '../engine/editor.js';

export const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('say a whole number');
  return Number(text);
};

export const pair = (text: string): readonly [number, number] => {
  const match = /^(\d+),(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError('say two whole numbers, as 60,60');
  return [Number(match[1]), Number(match[2])];
};

/** An option that may be given several times. */
const several =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[]): T[] => [...before, parse(text)];

export const loras = several(parseLora);
export const embeddings = several(parseEmbedding);

export const positive = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('say a whole number above zero');
  return Number(text);
};

export const decimal = (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('say a number such as 7.5');
  return Number(text);
};

/** A percentage as a share. */
export const share = (text: string): number => {
  const percent = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text)?.[1] ?? NaN);
  if (!(percent >= 0 && percent <= 100)) throw new InvalidArgumentError('say 0 to 100');
  return percent / 100;
};

export const checkpointOption = () => new Option('--checkpoint <name|dir>', 'checkpoint').default('pocket');
/** FINETUNE_STEPS, as for the bots, where the command line does not say. */
export const finetuneOption = () =>
  new Option('--finetune-steps <a,b>', 'micro-steps of the two learning stages')
    .env('FINETUNE_STEPS')
    .argParser((text: string) => (text === '' ? undefined : pair(text)));
export const itemsOption = () =>
  new Option(
    '--items <names>',
    'what is to be among the items, as "dog, ball": looked for by the checkpoint',
  );
export const segmenterOption = () =>
  new Option(
    '--segmenter <name>',
    'a panoptic model that cuts pictures: "segmenter" once pulled, or its folder',
  );
export const deviceOption = () =>
  new Option('--device <device>', 'where to compute')
    .choices(['cpu', 'webgpu', 'cuda', 'auto'])
    .default('cpu');
export const precisionOption = () =>
  new Option('--precision <name>', 'half where the device computes it (auto), or as you say')
    .choices(PRECISIONS)
    .default('auto');
