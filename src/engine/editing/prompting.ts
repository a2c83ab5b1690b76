/** What items' pixels listen to, as the model takes it. */
import type { Pipeline } from '../diffusion/pipeline.js';
import { placeholder } from '../diffusion/prompts.js';
import type { Item, ItemPrompt } from '../edits/index.js';
import type { Encoded } from '../families/family.js';
import type { Learned } from '../families/learned.js';
import type { Tensor } from '../runtime/session.js';

/** Encodes all items' prompts; blends are made between encoded prompts. */
export async function encodeItems(
  pipeline: Pipeline,
  items: readonly Item[],
  learned: Learned | undefined,
): Promise<Encoded> {
  const flat: { text: string; weight: number; item: number }[] = [];
  const collect = (prompt: ItemPrompt, weight: number, item: number): void => {
    if (prompt.kind === 'blend') {
      collect(prompt.from, weight * (1 - prompt.amount), item);
      collect(prompt.to, weight * prompt.amount, item);
    } else flat.push({ text: textOf(prompt), weight, item });
  };
  for (const [i, item] of items.entries()) collect(learned ? item.prompt : unlearned(item), 1, i);
  const encoded = await pipeline.encodePrompts(
    flat.map((f) => f.text),
    learned,
  );
  const mix = ({ shape, data }: Tensor): Tensor => {
    const row = shape.slice(1).reduce((a, b) => a * b, 1);
    const out = new Float32Array(items.length * row);
    for (const [from, { weight, item }] of flat.entries()) {
      for (let i = 0; i < row; i++) out[item * row + i]! += weight * (data[from * row + i] as number);
    }
    return { shape: [items.length, ...shape.slice(1)], data: out };
  };
  const mixed = Object.entries(encoded).map(([name, tensor]) => [name, mix(tensor)] as const);
  return Object.fromEntries(mixed) as Encoded;
}

function textOf(prompt: Exclude<ItemPrompt, { kind: 'blend' }>): string {
  if (prompt.kind === 'text') return prompt.text;
  return prompt.words ? `${placeholder(prompt.item)} ${prompt.words}` : placeholder(prompt.item);
}

/** What an item listens to before anything is learned: its name in place of its learned tokens. */
function unlearned({ name, prompt }: Item): Exclude<ItemPrompt, { kind: 'learned' }> {
  if (prompt.kind === 'text') return prompt;
  if (prompt.kind === 'blend')
    return {
      ...prompt,
      from: unlearned({ name, prompt: prompt.from }),
      to: unlearned({ name, prompt: prompt.to }),
    };
  return { kind: 'text', text: [prompt.words, name].filter(Boolean).join(' ') };
}
