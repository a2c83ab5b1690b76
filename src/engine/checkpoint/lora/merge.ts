import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../../errors.js';
import { makeRoom, touch } from '../cache.js';
import { readHeader, readTensor, writeSafetensors } from '../safetensors.js';
import type { ComponentWeights } from '../weights.js';
import type { LoraChoice, LoraUpdates, LowRankUpdate } from './file.js';
import { type Component, flat } from './names.js';

/**
 * A component with LoRAs added to its weights, W + Σ scale·up·down. The changed weights are written once into
 * `cacheDir`; all others stay in their files.
 * @throws HostError when none of a LoRA's layers, or not all of them, are this checkpoint's
 */
export function withLoras(
  weights: ComponentWeights,
  component: Component,
  loras: readonly { choice: LoraChoice; updates: LoraUpdates }[],
  cacheDir: string,
): ComponentWeights {
  const byFlat = new Map(
    weights.names().flatMap((name) => (name.endsWith('.weight') ? [[flat(name.slice(0, -7)), name]] : [])),
  );
  const changes = new Map<string, LowRankUpdate[]>();
  for (const { choice, updates } of loras) {
    for (const [layer, update] of updates.get(component) ?? []) {
      const name =
        byFlat.get(layer) ??
        byFlat.get(`text_model_${layer}`) ??
        byFlat.get(layer.replace(/^text_model_/, ''));
      const shape = name && weights.get(name).shape;
      if (!name || shape![0] !== update.up.shape[0] || shape![1] !== update.down.shape[1])
        throw new HostError(
          `${choice.file} is a LoRA of another model: its ${component} ${layer} ${name ? 'has other sizes here' : 'is not in this checkpoint'}`,
        );
      changes.set(name, [...(changes.get(name) ?? []), update]);
    }
  }
  if (changes.size === 0) return weights;
  const target = join(cacheDir, `lora-${keyOf(weights, component, loras)}.safetensors`);
  const half = weights.precision === 'half';
  if (!existsSync(target)) {
    mkdirSync(cacheDir, { recursive: true });
    const elements = [...changes.keys()].map((name) => weights.get(name).shape.reduce((n, d) => n * d, 1));
    makeRoom(cacheDir, (half ? 2 : 4) * elements.reduce((a, b) => a + b, 0));
    writeSafetensors(
      target,
      Object.fromEntries(
        [...changes].map(([name, updates]) => [
          name,
          { shape: weights.get(name).shape, data: () => merged(weights.read(name), updates) },
        ]),
      ),
      undefined,
      half ? 'F16' : 'F32',
    );
  }
  touch(target);
  return weights.replacing(readHeader(target));
}

/** Rows of `down` are added to rows of W: the inner loop runs along memory. */
function merged(weight: Float32Array, updates: readonly LowRankUpdate[]): Float32Array {
  for (const { down, up, scale } of updates) {
    const [a, b] = [readTensor(down), readTensor(up)];
    const rank = down.shape[0]!;
    const columns = a.length / rank;
    for (let row = 0; row < b.length / rank; row++) {
      const to = weight.subarray(row * columns, (row + 1) * columns);
      for (let r = 0; r < rank; r++) {
        const factor = scale * b[row * rank + r]!;
        const from = a.subarray(r * columns, (r + 1) * columns);
        for (let i = 0; i < columns; i++) to[i]! += factor * from[i]!;
      }
    }
  }
  return weight;
}

/** Another checkpoint, another file, another weight: another copy. */
function keyOf(
  weights: ComponentWeights,
  component: Component,
  loras: readonly { choice: LoraChoice }[],
): string {
  const key = createHash('sha256').update(`${component}\n${weights.precision}\n`);
  const first = weights.get(weights.names()[0]!);
  const files = [first.file, ...loras.map(({ choice }) => choice.file)];
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    key.update(`${file}\n${size}\n${mtimeMs}\n`);
  }
  key.update(loras.map(({ choice }) => choice.weight).join());
  return key.digest('hex').slice(0, 32);
}
