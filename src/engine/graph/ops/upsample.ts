import { apply, type Op, type Value } from '../graph.js';
import { fixed, ShapeError, show } from '../types.js';
import { reduceSum } from './broadcast.js';
import { reshape } from './reshape.js';

const UpsampleNearest2x: Op<null> = {
  name: 'UpsampleNearest2x',
  infer([x]) {
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4)
      throw new ShapeError(`UpsampleNearest2x: ${show(x!.shape)} is not [N, C, H, W]`);
    return [{ dtype: x!.dtype, shape: [n!, c!, fixed(h) * 2, fixed(w) * 2] }];
  },
  lower(emit, [x], outputs, { outputs: [y] }) {
    const mode = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    emit.node('Resize', [x!, '', '', emit.ints(y!.shape.map(fixed))], mode, outputs);
  },
  /** Every source pixel went to a 2x2 block: sum over it. */
  gradient({ inputs: [x] }, [dy]) {
    const [n, c, h, w] = x!.shape;
    return [reduceSum(reshape(dy!, [n!, c!, h!, 2, w!, 2]), [3, 5])];
  },
};

/** [N, C, H, W] -> [N, C, 2H, 2W], each pixel repeated. */
export const upsampleNearest2x = (x: Value): Value => apply(UpsampleNearest2x, [x], null);
