import type { TextEncoderPart } from '../checkpoint/source.js';
import type { Graph, Value } from '../graph/graph.js';
import { concat } from '../graph/ops/index.js';
import { clipText } from './clipText.js';
import { withParameters } from './parameters.js';

export interface TextCondition {
  /** [N, L, D]: what cross-attention listens to. */
  readonly hidden: Value;
  /** SDXL: the second encoder's projected end token, [N, P]. */
  readonly pooled?: Value | undefined;
}

export const inputIdsName = (part: string): string => `input_ids:${part}`;
export const endPositionsName = (part: string): string => `end_positions:${part}`;

/**
 * All text encoders of a checkpoint over N prompts of L tokens: SD takes the last hidden state; SDXL joins both
 * encoders' last but one and adds the second one's pooled output (arXiv 2307.01952, section 2.1).
 *
 * Makes graph inputs `input_ids:<encoder>` [N, L] int32 and, for SDXL, `end_positions:text_encoder_2` [N] int32.
 * @param newTokens rows of the new tokens of each encoder, by encoder name
 */
export function textCondition(
  graph: Graph,
  encoders: readonly TextEncoderPart[],
  count: number,
  length: number,
  newTokens: ReadonlyMap<string, Value> = new Map(),
): TextCondition {
  const two = encoders.length > 1;
  const outputs = encoders.map(({ name, config, weights }) =>
    withParameters(graph, weights, (p) =>
      clipText(p, config, {
        inputIds: graph.input(inputIdsName(name), [count, length], 'int32'),
        newTokens: newTokens.get(name),
        endPositions:
          name === 'text_encoder_2' ? graph.input(endPositionsName(name), [count], 'int32') : undefined,
      }),
    ),
  );
  return {
    hidden: two
      ? concat(
          outputs.map((o) => o.penultimate),
          2,
        )
      : outputs[0]!.lastHiddenState,
    pooled: outputs.at(-1)!.pooled,
  };
}
