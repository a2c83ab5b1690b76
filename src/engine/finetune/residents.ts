import type { Device } from '../runtime/device.js';
import { keep } from '../runtime/resident.js';
import type { Feed, Resident, Tensor } from '../runtime/tensor.js';
import type { Tensors } from './adamw.js';
import type { Trainable } from './trainables.js';

/** What a stage changes at each step, by parameter name. */
export type Residents = ReadonlyMap<string, Resident>;

/** Where the device computes: there copies, on the host the very arrays, which steps write over. */
export async function reside(device: Device, tensors: Tensors): Promise<Residents> {
  const made = new Map<string, Resident>();
  for (const [name, { shape, data }] of tensors)
    made.set(name, await keep(device, { shape, data: data as Float32Array }));
  return made;
}

/** Zeros of the parameters' shapes. */
export async function blank(device: Device, parameters: readonly Trainable[]): Promise<Residents> {
  const made = new Map<string, Resident>();
  for (const { name, shape } of parameters) {
    const size = shape.reduce((a, b) => a * b, 1);
    made.set(name, await keep(device, { shape, data: new Float32Array(size) }));
  }
  return made;
}

export async function toHost(residents: Residents): Promise<Tensors> {
  const found = new Map<string, Tensor>();
  for (const [name, resident] of residents)
    found.set(name, { shape: resident.shape, data: await resident.read() });
  return found;
}

/** Under the names that a graph has for them. */
export const fedAs = (residents: Residents, as: (name: string) => string): Record<string, Feed> =>
  Object.fromEntries([...residents].map(([name, resident]) => [as(name), resident]));

export function releaseAll(...sets: readonly (Residents | undefined)[]): void {
  for (const set of sets) for (const resident of set?.values() ?? []) resident.release();
}
