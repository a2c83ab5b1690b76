import { apply, type Op, type Value } from '../graph.js';
import { fixed, ShapeError, show } from '../types.js';
import { cast } from './cast.js';
import { equal } from './elementwise.js';
import { gemm } from './matmul.js';
import { reshape } from './reshape.js';

const GatherRows: Op<null> = {
  name: 'GatherRows',
  infer([table, ids]) {
    if (table!.shape.length !== 2)
      throw new ShapeError(`GatherRows: ${show(table!.shape)} is not [rows, width]`);
    return [{ dtype: table!.dtype, shape: [...ids!.shape, table!.shape[1]!] }];
  },
  lower: (emit, inputs, outputs) => void emit.node('Gather', inputs, { axis: 0 }, outputs),
  /** A one-hot product instead of ScatterND: WebGPU has no deterministic scatter, and the table is small. */
  gradient({ inputs: [table, ids] }, [dy]) {
    const rows = fixed(table!.shape[0]);
    const count = ids!.shape.reduce<number>((n, d) => n * fixed(d), 1);
    const index = dy!.graph.constant(
      Int32Array.from({ length: rows }, (_, i) => i),
      [1, rows],
    );
    const hot = cast(equal(reshape(cast(ids!, 'int32'), [count, 1]), index), dy!.dtype);
    return [gemm(hot, reshape(dy!, [count, table!.shape[1]!]), { transA: true })];
  },
};

/** Rows of `table` [rows, width] at `ids` [...] -> [..., width]; the gradient goes to the table. */
export const gatherRows = (table: Value, ids: Value): Value => apply(GatherRows, [table, ids], null);
