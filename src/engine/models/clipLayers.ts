import type { CLIPLayersConfig } from '../checkpoint/config/clip.js';
import type { Value } from '../graph/graph.js';
import { add, attention, gelu, quickGelu } from '../graph/ops/index.js';
import type { Parameters } from './parameters.js';

/**
 * transformers' CLIPEncoder, which text and pictures have alike: [N, L, hidden_size] through all layers, and through all
 * but the last.
 * @param bias additive, [N|1, 1, L, L]: who sees whom; everybody everybody when undefined
 */
export function clipLayers(
  p: Parameters,
  config: CLIPLayersConfig,
  embedded: Value,
  bias?: Value,
): { last: Value; penultimate: Value } {
  const act = config.hidden_act === 'quick_gelu' ? quickGelu : gelu;
  const { hidden_size: width, layer_norm_eps: epsilon, num_attention_heads: heads } = config;
  let [last, penultimate] = [embedded, embedded];
  for (let i = 0; i < config.num_hidden_layers; i++) {
    penultimate = last;
    const layer = p.at(`encoder.layers.${i}`);
    const own = layer.layerNorm('layer_norm1', last, epsilon);
    const project = (name: string, x: Value): Value => layer.linear(`self_attn.${name}`, x, width);
    const [q, k, v] = [project('q_proj', own), project('k_proj', own), project('v_proj', own)];
    last = add(last, project('out_proj', attention(q, k, v, { heads, bias })));
    const hidden = act(
      layer.linear('mlp.fc1', layer.layerNorm('layer_norm2', last, epsilon), config.intermediate_size),
    );
    last = add(last, layer.linear('mlp.fc2', hidden, width));
  }
  return { last, penultimate };
}
