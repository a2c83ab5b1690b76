/** What is asked of one scene, and what came of it. */
import { colourNamed } from '../../dist/engine/draft/colourNames.js';
import { maskOf, pixels } from '../../dist/engine/editor.js';
import { invert, union } from '../../dist/engine/masks/mask.js';
import { toLab } from '../../dist/engine/segmentation/lab.js';
import { openScene, textCases, thingCalled, withArticle } from '../ditem/cases.js';
import { Drawer } from '../ditem/edits.js';
import { psnrIn } from '../ditem/measure.js';
import { hueApart, hueIn, hueOf } from '../looks/measure.js';

/** Those of the recipe that have a hue. */
const COLOURS = ['red', 'green', 'blue', 'yellow', 'purple', 'orange', 'pink'];

/**
 * @param variant of bench/ditem: "names" learns nothing, "grouped" learns the picture's items first
 * @returns the picture before, after its replacement, and a row for everything measured
 */
export async function asked({ editor, judge, dir, options }, number, variant) {
  const drawer = new Drawer(editor, variant, options.seed);
  const scene = await openScene(dir, number);
  const known = await drawer.learn(scene);
  const [{ item, target }] = textCases(scene, judge.vocabulary, { items: 1, prompts: 1 });
  const replaced = async (prompt) => {
    const edit = { kind: 'replace', item, prompt };
    const plan = drawer.plan(known, edit);
    const { picture: drawn } = await editor.edit(known, edit, options);
    return { plan, place: maskOf(plan.labels, item), drawn };
  };
  const row = { scene: number, variant };
  const { plan, place, drawn } = await replaced(target.prompt);
  const { first } = await judge.alignment(drawn, plan.labels, place, target.prompt);
  // a thing that goes takes its shadow along
  const bare = await pixels.draft(known, { kind: 'remove', item }, options);
  const touched = [plan.active, plan.soft, changed(scene.picture, bare.picture)].reduce(union);
  const kept = psnrIn(scene.picture, drawn, invert(touched));
  const found = [{ part: 'replaced', ...row, target: target.names[0], first, kept }];
  found.push(
    variant === 'names'
      ? { part: 'colour', ...row, ...(await coloured(judge, scene, item, replaced)) }
      : { part: 'reconstructed', ...row, inside: await reconstructed(editor, scene, known, options) },
  );
  return { given: scene.picture, drawn, found };
}

/** 1 where the pictures differ. */
const changed = ({ width, height, data }, { data: after }) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height }, (_, i) =>
    Number([0, 1, 2].some((c) => data[3 * i + c] !== after[3 * i + c])),
  ),
});

/** The item as itself in a colour: how far the drawing's hue is from the colour's, in degrees. */
async function coloured(judge, scene, item, replaced) {
  const colour = COLOURS[Number(scene.number) % COLOURS.length];
  const [name] = thingCalled(judge.vocabulary, scene.items[item].name).names;
  const { plan, place, drawn } = await replaced(withArticle(`${colour} ${name}`));
  const thing = await judge.thingIn(drawn, plan.labels, place);
  return {
    target: `${colour} ${name}`,
    off: hueApart(hueIn(toLab(drawn), pixelsOf(thing)), hueOf(colourNamed(colour))),
  };
}

/** A drawn scene is as small as `toLab` makes pictures: its pixels are the picture's. */
const pixelsOf = ({ data }) => [...data.keys()].filter((i) => data[i]);

/** The whole picture from noise: dB inside all items but the ground. */
async function reconstructed(editor, scene, known, options) {
  const { picture } = await editor.edit(known, { kind: 'reconstruct' }, options);
  return psnrIn(scene.picture, picture, invert(maskOf(scene.labels, 0)));
}
