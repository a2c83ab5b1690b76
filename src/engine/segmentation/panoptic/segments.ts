/** What a panoptic model's queries say, as segments of a picture (transformers' post_process_panoptic_segmentation). */

/** A query is believed from here on, and a pixel is a mask's from here on. */
const SURE = 0.5;
const MASK = 0.5;
/** A mask of which others take more than the rest of this is no segment. */
const OWN = 0.8;

interface Output {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Segment {
  readonly label: number;
  readonly score: number;
}

export interface Segments {
  readonly width: number;
  readonly height: number;
  /** Each pixel's segment, counted from 1; 0 where nothing was seen. */
  readonly of: Uint8Array;
  readonly segments: readonly Segment[];
}

/**
 * @param classes [1, Q, C + 1], before the softmax; the last class is nothing
 * @param masks [1, Q, h, w], before the sigmoid
 * @param size of the picture that the segments are for
 */
export function segmentsOf(
  classes: Output,
  masks: Output,
  { width, height }: { readonly width: number; readonly height: number },
): Segments {
  const kept = believed(classes);
  const [, , h, w] = masks.shape as [number, number, number, number];
  const probabilities = kept.map(({ query, score }) => {
    const logits = masks.data.subarray(query * h * w, (query + 1) * h * w);
    return enlarged(
      logits.map((x) => 1 / (1 + Math.exp(-x))),
      { width: w, height: h },
      { width, height },
    ).map((p) => p * score);
  });
  const best = new Uint8Array(width * height);
  for (let k = 1; k < kept.length; k++)
    for (let i = 0; i < best.length; i++)
      if (probabilities[k]![i]! > probabilities[best[i]!]![i]!) best[i] = k;
  const of = new Uint8Array(width * height);
  const segments: Segment[] = [];
  for (const [k, { label, score }] of kept.entries()) {
    let [own, all] = [0, 0];
    for (let i = 0; i < best.length; i++) {
      own += Number(best[i] === k);
      all += Number(probabilities[k]![i]! >= MASK);
    }
    if (own === 0 || all === 0 || own / all <= OWN) continue;
    segments.push({ label, score });
    for (let i = 0; i < best.length; i++) if (best[i] === k) of[i] = segments.length;
  }
  return { width, height, of, segments };
}

/** Queries that see something, and what. */
function believed({ shape, data }: Output): { query: number; label: number; score: number }[] {
  const [, queries, width] = shape as [number, number, number];
  const kept = [];
  for (let query = 0; query < queries; query++) {
    const logits = data.subarray(query * width, (query + 1) * width);
    const most = Math.max(...logits);
    const label = logits.indexOf(most);
    const score = 1 / logits.reduce((sum, x) => sum + Math.exp(x - most), 0);
    if (label !== width - 1 && score > SURE) kept.push({ query, label, score });
  }
  return kept;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Bilinear, as PyTorch has it with align_corners=False: no antialiasing when it shrinks. */
function enlarged(from: Float32Array, small: Size, size: Size): Float32Array {
  const [xs, ys] = [places(small.width, size.width), places(small.height, size.height)];
  const out = new Float32Array(size.width * size.height);
  for (const [y, { low: top, high: bottom, share: down }] of ys.entries()) {
    for (const [x, { low: left, high: right, share: across }] of xs.entries()) {
      const upper =
        from[top * small.width + left]! * (1 - across) + from[top * small.width + right]! * across;
      const lower =
        from[bottom * small.width + left]! * (1 - across) + from[bottom * small.width + right]! * across;
      out[y * size.width + x] = upper * (1 - down) + lower * down;
    }
  }
  return out;
}

function places(from: number, to: number): { low: number; high: number; share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(from - 1, Math.floor(at));
    return { low, high: Math.min(from - 1, low + 1), share: at - low };
  });
}
