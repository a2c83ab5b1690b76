/** Which edits are asked of which scene; the same for every variant, from the scene's number alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { areasOf, decodeLabels, decodePicture } from '../../dist/engine/editor.js';
import { cut } from '../../dist/engine/editing/scene.js';

export const scenesIn = (dir) =>
  readdirSync(join(dir, 'scenes'))
    .filter((file) => /^\d+\.png$/.test(file))
    .map((file) => file.slice(0, -'.png'.length))
    .sort();

/** A drawn scene, cut by its own label map, its items called what they are: "green monkey". */
export async function openScene(dir, number) {
  const at = (ending) => join(dir, 'scenes', `${number}${ending}`);
  const { picture } = await decodePicture(at('.png'));
  const labels = await decodeLabels(readFileSync(at('.labels.png')), picture);
  const all = JSON.parse(readFileSync(at('.names.json'), 'utf8'));
  // a thing that others hide has no label any more, and items are counted without it
  const drawn = [...areasOf(labels)].flatMap((area, i) => (area > 0 ? [i] : []));
  const scene = await cut(picture, labels);
  return { ...scene, items: scene.items.map((item, i) => ({ ...item, name: all[drawn[i]] })), number, drawn };
}

/** The scene as the generator draws it without this item. */
export async function sceneWithout(dir, { number, drawn }, item) {
  return (await decodePicture(join(dir, 'scenes', `${number}.without-${drawn[item]}.png`))).picture;
}

/** "a green monkey", as pocket was told things. */
export function withArticle(name) {
  const last = name.split(' ').at(-1);
  const many = last.endsWith('s') && !['cactus', 'bus', 'octopus'].includes(last);
  if (many || ['snow', 'sand', 'water', 'wood', 'coffee', 'cream', 'paper'].includes(last)) return name;
  return `${'aeiou'.includes(name[0]) ? 'an' : 'a'} ${name}`;
}

/** "a dog and a pizza on green grass" */
export function caption(names) {
  const things = names.slice(1).map(withArticle);
  const on = `on ${withArticle(names[0])}`;
  if (things.length === 0) return withArticle(names[0]);
  const last = things.pop();
  return `${things.length > 0 ? `${things.join(', ')} and ` : ''}${last} ${on}`;
}

/** What a scene's items are called after the edit: this one `name`, or gone. */
export function namesWith({ items }, item, name) {
  const names = items.map((one) => one.name);
  return name ? names.with(item, name) : names.filter((_, i) => i !== item);
}

/** The thing of the vocabulary that "green monkey" is. */
export function thingCalled(vocabulary, name) {
  const words = name.split(' ');
  for (let i = 0; i < words.length; i++) {
    const found = vocabulary.things.find(({ names }) => names.includes(words.slice(i).join(' ')));
    if (found) return found;
  }
  return undefined;
}

/** Labels of the largest things, the ground apart. */
export function largest({ labels }, count) {
  const areas = areasOf(labels);
  return [...areas.keys()]
    .slice(1)
    .sort((a, b) => areas[b] - areas[a])
    .slice(0, count);
}

/** @returns [{item, target}]: items with things of the vocabulary that are not in the scene */
export function textCases(scene, vocabulary, { items, prompts }) {
  const there = scene.items.map(({ name }) => thingCalled(vocabulary, name));
  const others = vocabulary.things.filter((thing) => !there.includes(thing));
  return largest(scene, items).flatMap((item) =>
    Array.from({ length: prompts }, (_, k) => {
      const at = Number(scene.number) * 37 + item * 17 + k * 13;
      return { item, target: others[at % others.length] };
    }),
  );
}

/** @returns [{item, source, thing}]: items with other things of the reference */
export function imageCases(scene, reference, vocabulary, { items, references }) {
  return largest(scene, items).flatMap((item) =>
    largest(reference, references).flatMap((source) => {
      const thing = thingCalled(vocabulary, reference.items[source].name);
      const other = thing && thing !== thingCalled(vocabulary, scene.items[item].name);
      return other ? [{ item, source, thing }] : [];
    }),
  );
}
