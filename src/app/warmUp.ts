import sharp from 'sharp';
import type { Engine } from '../engine/engine.js';

/** A disc on a ground: small, and with an item to be named. */
const PICTURE = Buffer.from(
  '<svg width="64" height="64"><rect width="64" height="64" fill="#7a9"/><circle cx="32" cy="32" r="18" fill="#c42"/></svg>',
);

/** Has an engine cut a small picture before anybody sends one: its process, its models and their graphs are there then. */
export async function warmUp(engine: Engine, signal: AbortSignal): Promise<void> {
  await engine.segment(await sharp(PICTURE).png().toBuffer(), {}, { signal });
}
