import { editNeed } from '../diffusion/footprints.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { leastTrainingNeed } from '../finetune/plan.js';
import { bytesOf, type MemoryNeed } from '../memory.js';
import type { Raster } from '../raster.js';
import { asksTwice } from './draw.js';
import { frameOf } from './frame.js';
import { associationDefaults, editSettings } from './settings.js';

/** What a job on a picture of this size needs of memory at the very least, see `Editor.memoryNeeded`. */
export function memoryNeeded(
  pipeline: Pipeline,
  picture: Pick<Raster, 'width' | 'height'>,
  items: number,
  job: 'learn' | 'edit',
  batch: number,
): MemoryNeed {
  const frame = frameOf(pipeline, picture);
  const [height, width] = [frame.height / pipeline.factor, frame.width / pipeline.factor];
  if (job === 'edit') {
    const rows = asksTwice(pipeline, editSettings(pipeline, picture).guidance) ? 2 * batch : batch;
    return editNeed(pipeline, { height, width }, items, rows);
  }
  const { method, ...options } = associationDefaults(pipeline);
  const stages = (['tokens', method] as const).map((stage) =>
    leastTrainingNeed(pipeline, { height, width }, items, { ...options, stage }),
  );
  return stages.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
}
