import { copiesIn, DEFAULT_CACHE, emptyCopies } from '../engine/editor.js';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** What the cache of converted weights holds, in a line. */
export function describeCache(): string {
  const { files, bytes } = copiesIn(DEFAULT_CACHE);
  if (files === 0) return `no copies of weights in ${DEFAULT_CACHE}`;
  return `${files} copies of weights, ${gigabytes(bytes)} in ${DEFAULT_CACHE}: "dedit cache --empty" removes them`;
}

/** `dedit cache`: copies of weights in the precision that is computed in, and of what LoRAs changed. */
export function runCache({ empty = false }: { empty?: boolean }): void {
  if (!empty) return console.log(describeCache());
  const { files, bytes } = emptyCopies(DEFAULT_CACHE);
  console.log(
    `removed ${files} copies, ${gigabytes(bytes)}: they are made again when their checkpoints are opened`,
  );
}
