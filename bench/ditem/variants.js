/**
 * What is compared: D-Edit as dedit does it, its ablations (the paper's figure 12 and its appendix), and what one
 * would do without it. `learning` changes how items are learned; a variant without it learns nothing, and `learnsAs` names
 * one that learns the same.
 */
const part = (share) => (defaults) => ({ steps: defaults.steps.map((n) => Math.round(n * share)) });

export const VARIANTS = {
  grouped: { learning: () => ({}) },
  // right behind what it shares its learning with
  'few-steps': { learning: () => ({}), learnsAs: 'grouped', sampling: { steps: 5 } },
  ungrouped: { learning: () => ({}), ungrouped: true },
  'tokens-1': { learning: () => ({ tokensPerItem: 1 }) },
  'tokens-2': { learning: () => ({ tokensPerItem: 2 }) },
  'tokens-10': { learning: () => ({ tokensPerItem: 10 }) },
  'no-step-1': { learning: ({ steps: [, second] }) => ({ steps: [0, second] }) },
  'no-step-2': { learning: ({ steps: [first] }) => ({ steps: [first, 0] }) },
  'cross-attention': { learning: () => ({ method: 'cross-attention' }) },
  lora: { learning: () => ({ method: 'lora' }) },
  'quick-learning': { learning: part(1 / 6) },
  names: {},
  inpainting: { method: 'inpainting' },
  sdedit: { method: 'sdedit' },
};

/** What image edits are compared with: the same pictures are learned together for each. */
export const IMAGE_VARIANTS = ['grouped', 'ungrouped'];

/** What every variant is, for who reads the table. */
export const MEANS = {
  grouped: 'as dedit edits: 5 tokens an item, both steps, by the method that the checkpoint recommends',
  'few-steps': 'drawn in 5 steps',
  ungrouped: 'every pixel listens to every item, learning and drawing',
  'tokens-1': '1 token an item',
  'tokens-2': '2 tokens an item',
  'tokens-10': '10 tokens an item',
  'no-step-1': "the denoiser is learned, the items' tokens stay random",
  'no-step-2': 'tokens alone are learned',
  'cross-attention': 'step 2 learns q, k, v of cross-attention',
  lora: 'step 2 learns a LoRA',
  'quick-learning': 'a sixth of the learning steps',
  names: 'nothing is learned: items listen to their names, grouped',
  inpainting: 'nothing is learned: the words alone, in the region',
  sdedit: 'nothing is learned: all of the picture from 75 % noise, by its caption',
};

/**
 * The pipeline in which nothing is told apart: of a row that has items every pixel listens to all tokens, as ordinary
 * cross-attention over the joined prompts. Both branches keep their own prompts.
 */
export const withoutGroups = (pipeline) =>
  Object.create(pipeline, {
    groups: {
      value(rows, size, prompts, length) {
        const inputs = pipeline.groups(rows, size, prompts, length);
        for (const { shape, data } of Object.values(inputs)) {
          rows.forEach((row, k) => {
            if (row !== 'ordinary') data.fill(0, k * shape[1], (k + 1) * shape[1]);
          });
        }
        return inputs;
      },
    },
  });
