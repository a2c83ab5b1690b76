import type { Value } from '../graph.js';
import type { DType } from '../types.js';

export const cast = (x: Value, to: DType): Value => x.graph.cast(x, to);
