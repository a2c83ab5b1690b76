import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  areasOf,
  boundsOf,
  drawOverlay,
  encodeLabels,
  encodePng,
  maskOf,
  type Scene,
} from '../engine/editor.js';

/** Writes overlay.png, labels.png (0-based label map) and items.json (numbers as people see them, from 1). */
export async function writeSegmentation(dir: string, scene: Scene): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const areas = areasOf(scene.labels);
  const items = scene.items.map(({ name }, label) => ({
    number: label + 1,
    name,
    pixels: areas[label],
    box: boundsOf(maskOf(scene.labels, label)),
  }));
  const overlay = await drawOverlay(scene.picture, scene.labels, scene.items);
  writeFileSync(join(dir, 'overlay.png'), await encodePng(overlay));
  writeFileSync(join(dir, 'labels.png'), await encodeLabels(scene.labels));
  writeFileSync(join(dir, 'items.json'), `${JSON.stringify(items, null, 2)}\n`);
}
