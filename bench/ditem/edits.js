/** One edit, drawn from noise by each of the methods: no draft helps, since the method is what is measured. */
import { planEdit } from '../../dist/engine/edits/index.js';
import { learnedFrom } from '../../dist/engine/editing/learn.js';
import { redrawn } from '../../dist/engine/editing/redraw.js';
import { planning } from '../../dist/engine/editing/settings.js';
import { emptyMask, invert } from '../../dist/engine/masks/mask.js';
import { caption, namesWith, withArticle } from './cases.js';
import { VARIANTS, withoutGroups } from './variants.js';

/** The paper samples so, whatever a checkpoint recommends. */
const PAPER = { sampler: 'euler', steps: 20 };
/** How far SDEdit goes towards noise. */
const SDEDIT = 0.75;

export class Drawer {
  /** The scene that was learned last: another variant may draw with the same. */
  static #last = { what: undefined, known: undefined };
  /** What tokens alone became, by all that it hangs on: variants that differ by the second step share the first. */
  static #tokens = new Map();

  /**
   * @param editor of the checkpoint that is measured
   * @param taught how it learns, where not by every one of the checkpoint's own steps: `steps`, `stopsEarly`
   */
  constructor(editor, name, seed, taught) {
    this.editor = editor;
    this.name = name;
    this.variant = VARIANTS[name];
    const { variant } = this;
    this.seed = seed;
    this.taught = taught;
    this.pipeline = variant.ungrouped ? withoutGroups(editor.pipeline) : editor.pipeline;
  }

  /** The scene, and its references, as this variant knows them. */
  async learn(scene) {
    const { learning } = this.variant;
    // without anything learned items listen to their names, said as the checkpoint was told them
    if (!learning)
      return { ...scene, items: scene.items.map((item) => ({ ...item, name: withArticle(item.name) })) };
    const what = `${this.variant.learnsAs ?? this.name}, ${scene.number}, ${Object.keys(scene.references ?? {})}`;
    if (Drawer.#last.what !== what) Drawer.#last = { what, known: await this.#learned(scene, learning) };
    return Drawer.#last.known;
  }

  /** The same scene after references came later: learning goes on from what was learned of it. */
  join = async (known, references) =>
    await learnedFrom(this.pipeline, { ...known, references }, this.#options(this.variant.learning), {});

  async #learned(scene, learning) {
    const options = this.#options(learning);
    const { tokensPerItem, steps, seed, batch, accumulation, learningRates } = options;
    const first = [tokensPerItem, steps[0], seed, batch, accumulation, learningRates[0]];
    const letters = Object.keys(scene.references ?? {});
    const key = JSON.stringify([scene.number, letters, this.variant.ungrouped ?? false, first]);
    const tokens = Drawer.#tokens.get(key);
    const resume = tokens && { stage: 2, step: 0, learned: tokens, probed: [], taken: 0 };
    const onTokens = (made) => {
      // of the scene at hand; those before are done
      for (const one of Drawer.#tokens.keys())
        if (JSON.parse(one)[0] !== scene.number) Drawer.#tokens.delete(one);
      Drawer.#tokens.set(key, made);
    };
    const learned = await learnedFrom(this.pipeline, scene, options, { resume, onTokens });
    const named = learned.items.map((item, i) => ({ ...item, name: scene.items[i].name }));
    return { ...learned, items: named };
  }

  #options(learning) {
    const defaults = { ...this.editor.associationDefaults(), stopsEarly: false, ...this.taught };
    const chosen = learning(defaults);
    const method = chosen.method ?? defaults.method;
    return {
      ...this.editor.associationDefaults(method),
      steps: defaults.steps,
      stopsEarly: defaults.stopsEarly,
      ...chosen,
      seed: this.seed,
    };
  }

  plan = (scene, edit) => planEdit(scene, edit, planning(scene.picture));

  /**
   * The edit as it is given to people: all but the plan's region stays.
   * @param words what is to be there, for methods that know no items
   */
  async edited(scene, plan, words) {
    const { method } = this.variant;
    if (method === 'sdedit') return await this.free(scene, plan, words);
    const what = method === 'inpainting' ? told(plan, words) : plan;
    return await this.#draw(scene, what);
  }

  /** The edit with nothing held: what the denoiser makes of the rest of the picture. */
  async free(scene, plan, words) {
    const { method } = this.variant;
    const { width, height } = scene.picture;
    const everywhere = { active: invert(emptyMask(width, height)), soft: emptyMask(width, height) };
    if (method === 'sdedit')
      return await this.#draw(scene, { ...told(plan, words), ...everywhere }, { amount: SDEDIT });
    return await this.#draw(scene, { ...plan, ...everywhere });
  }

  /** The whole picture from noise, by what was learned of its items. */
  async rebuilt(scene, seed) {
    const plan = this.plan(scene, { kind: 'reconstruct' });
    return await this.#draw(scene, plan, { whole: true }, seed);
  }

  async #draw(scene, plan, more = {}, seed = this.seed) {
    const settings = {
      ...this.editor.editDefaults(scene.picture),
      ...PAPER,
      ...this.variant.sampling,
      seed,
    };
    const what = { base: scene.picture, plan, learned: scene.learned, ...more };
    return await redrawn(this.pipeline, what, settings, {});
  }
}

/** The plan without items: all pixels listen to the same words. */
function told(plan, words) {
  const { width, height } = plan.labels;
  const item = { name: words, prompt: { kind: 'text', text: words } };
  return { ...plan, labels: emptyMask(width, height), items: [item] };
}

/** What a method that knows no items is told: of all of the picture for SDEdit, of the region for inpainting. */
export function wordsFor({ method }, scene, { item, name }) {
  if (method !== 'sdedit') return withArticle(name ?? scene.items[0].name);
  return caption(namesWith(scene, item, name));
}
