/** What is done with one variant and one scene; each gives rows, and pictures for the sheet. */
import { draftEdit } from '../../dist/engine/edits/index.js';
import { emptyMask, invert, maskOf, subtract } from '../../dist/engine/masks/mask.js';
import { caption, imageCases, namesWith, openScene, sceneWithout, textCases } from './cases.js';
import { wordsFor } from './edits.js';
import { psnrIn, rmsIn } from './measure.js';
import { mean } from './statistics.js';

/** Everything but the item, before and after. */
const outside = (before, after, item) => subtract(invert(maskOf(before, item)), maskOf(after, item));

/** Replacements by words (table 1), and the same items removed (table 3). */
export async function textUnit({ dir, drawer, judge, clip, sizes }, number) {
  const [rows, pictures] = [[], []];
  const scene = await openScene(dir, number);
  const known = await drawer.learn(scene);
  const cases = textCases(scene, judge.vocabulary, sizes);
  const asked = new Set();
  for (const { item, target } of cases) {
    // one prompt an item tells what becomes of the rest when nothing is held
    const isFree = drawer.variant.method !== 'inpainting' && !asked.has(item);
    asked.add(item);
    const name = target.names[0];
    const words = wordsFor(drawer.variant, scene, { item, name });
    const plan = drawer.plan(known, { kind: 'replace', item, prompt: target.prompt });
    const given = await drawer.edited(known, plan, words);
    const free = isFree ? await drawer.free(known, plan, words) : undefined;
    const rest = outside(scene.labels, plan.labels, item);
    const { cosine, first } = await judge.alignment(
      given,
      plan.labels,
      maskOf(plan.labels, item),
      target.prompt,
    );
    rows.push({
      part: 'text',
      ...{ scene: number, item, target: name, cosine, first },
      ...(clip && { clipT: await clip.text(given, caption(namesWith(scene, item, name))) }),
      kept: psnrIn(scene.picture, given, rest),
      ...(free && {
        freely: psnrIn(scene.picture, free, rest),
        others: await judge.others(scene.picture, free, plan.labels, item),
      }),
    });
    pictures.push({ name: `${scene.items[item].name} to ${name}`, picture: given, free });
  }
  for (const item of new Set(cases.map((one) => one.item))) {
    rows.push(await removal({ dir, drawer }, scene, known, item));
  }
  return { rows, pictures: [{ name: 'picture', picture: scene.picture }, ...pictures] };
}

async function removal({ dir, drawer }, scene, known, item) {
  const { number } = scene;
  const truth = await sceneWithout(dir, scene, item);
  const plan = drawer.plan(known, { kind: 'remove', item });
  const given = await drawer.edited(known, plan, wordsFor(drawer.variant, scene, { item }));
  const place = maskOf(scene.labels, item);
  return {
    part: 'removal',
    ...{ scene: number, item },
    like: psnrIn(truth, given, place),
    kept: psnrIn(scene.picture, given, invert(place)),
  };
}

/**
 * Items of another picture (table 2), beside the same by its name and beside the draft that people get.
 * @param other the number of the scene that is the reference
 */
export async function imageUnit({ dir, drawer, judge, clip, sizes }, number, other) {
  const [rows, pictures] = [[], []];
  const [scene, reference] = [await openScene(dir, number), await openScene(dir, other)];
  const cases = imageCases(scene, reference, judge.vocabulary, sizes);
  if (cases.length === 0) return { rows, pictures };
  const known = await drawer.learn({ ...scene, references: { B: reference } });
  for (const { item, source, thing } of cases) {
    const whole = maskOf(reference.labels, source);
    const wanted = await judge.features(reference.picture, whole);
    // where it is taken for another thing in B itself, nothing can be told of its class
    const told = (await judge.likeness(wanted, thing.prompt)).first;
    const edit = { kind: 'replaceWith', item, with: { picture: 'B', item: source } };
    const plan = drawer.plan(known, edit);
    const byName = drawer.plan(known, { kind: 'replace', item, prompt: thing.prompt });
    const draft = (await draftEdit(known, edit, plan, drawer.seed)).picture;
    const place = maskOf(plan.labels, item);
    const drawn = {
      image: [await drawer.edited(known, plan), plan],
      words: [await drawer.edited(known, byName), byName],
      draft: [draft, plan],
    };
    for (const [by, [picture, { labels }]] of Object.entries(drawn)) {
      const { cosine, first, seen } = await judge.alignment(
        picture,
        labels,
        maskOf(labels, item),
        thing.prompt,
      );
      rows.push({
        part: 'image',
        ...{ scene: number, by, item, source, target: thing.names[0], told, cosine, first },
        distance: judge.distance(seen, wanted),
        ...(clip && { clipI: await clip.image(picture, place, reference.picture, whole) }),
        // its own pixels, carried to where they belong, are the draft
        pixels: rmsIn(picture, draft, place),
        kept: psnrIn(scene.picture, picture, outside(scene.labels, labels, item)),
      });
    }
    const name = `${scene.items[item].name} to B${source + 1}, ${reference.items[source].name}`;
    pictures.push({ name, picture: drawn.image[0], words: drawn.words[0], draft });
  }
  const given = { name: 'picture', picture: scene.picture, reference: reference.picture };
  return { rows, pictures: [given, ...pictures] };
}

/** Chances at which a picture is rebuilt. */
const SEEDS = [1, 2, 3];

/** What a reference that is learned later costs the picture that was learned before it: how it is rebuilt from noise. */
export async function laterUnit({ dir, drawer }, number, other) {
  const [scene, reference] = [await openScene(dir, number), await openScene(dir, other)];
  const everywhere = invert(emptyMask(scene.picture.width, scene.picture.height));
  const alone = await drawer.learn(scene);
  const both = await drawer.join(alone, { B: reference });
  const row = { part: 'later', scene: number };
  const pictures = [];
  for (const [name, known] of Object.entries({ alone, both })) {
    const rebuilt = [];
    for (const seed of SEEDS) rebuilt.push(await drawer.rebuilt(known, seed));
    row[name] = mean(rebuilt.map((picture) => psnrIn(scene.picture, picture, everywhere)));
    pictures.push({ name, picture: rebuilt[0] });
  }
  return { rows: [row], pictures: [{ name: 'picture', picture: scene.picture }, ...pictures] };
}
