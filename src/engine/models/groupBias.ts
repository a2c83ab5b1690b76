import type { Graph, Value } from '../graph/graph.js';
import { equal, reshape, where } from '../graph/ops/index.js';

/** As good as −∞ for a softmax in float32 and still finite in float16. */
const HIDDEN = -1e4;

/** Name of the graph input that holds the pixels' groups at one latent size. */
export const pixelGroupsInput = (height: number, width: number): string => `pixel_groups_${height}x${width}`;
export const TOKEN_GROUPS_INPUT = 'token_groups';

/**
 * Grouped cross-attention as an additive bias, made inside the graph from two small integer inputs: a pixel sees a
 * token if and only if their groups are equal. With the pixels of item i and the tokens of item i in group i this is
 *
 *     out = Σ_i mask_i ⊙ softmax(q k_iᵀ/√d) v_i
 *
 * (arXiv 2403.04880, section 3.2), because hidden tokens get exp(−1e4) = 0; ordinary attention has one group.
 *
 * @param batch N; the rows may group differently (guidance runs both branches in one batch)
 * @param tokens T, the tokens of all prompts together
 * @returns a function from latent size to the bias [N, 1, height·width, T]
 */
export function groupBias(
  graph: Graph,
  batch: number,
  tokens: number,
): (height: number, width: number) => Value {
  const tokenGroups = reshape(graph.input(TOKEN_GROUPS_INPUT, [batch, tokens], 'int32'), [
    batch,
    1,
    1,
    tokens,
  ]);
  const made = new Map<string, Value>();
  return (height, width) => {
    const name = pixelGroupsInput(height, width);
    let bias = made.get(name);
    if (!bias) {
      const pixels = height * width;
      const pixelGroups = reshape(graph.input(name, [batch, pixels], 'int32'), [batch, 1, pixels, 1]);
      bias = where(equal(pixelGroups, tokenGroups), graph.scalar(0), graph.scalar(HIDDEN));
      made.set(name, bias);
    }
    return bias;
  };
}
