/**
 * Removals over scenes whose ground under each thing is known: how far is what fills the place from it, and does a scorer
 * still see the thing there?
 *
 *     python bench/drawable/pictures.py DIR 50 920001
 *     npm run bench:ghosts -- DIR [--scenes 50] [--checkpoint pocket] [--sheet FILE] [--json FILE]
 *
 * Every thing of a scene, cut by the scene's own label map, is removed by itself. Error: mean absolute difference of 255,
 * under the thing, and beside it where the picture with it differs from the one without (its shadow and its fringe). A
 * thing is seen in a box where its name is likelier than dedit asks of what it looks for (editing/words.ts); how many are
 * seen before, and on the true ground, is told beside. `--sheet`: the worst, as picture, truth and result.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { boundsOf, Editor, encodePng, maskOf, pixels } from '../../dist/engine/editor.js';
import { FOUND } from '../../dist/engine/editing/words.js';
import { areaOf, emptyMask } from '../../dist/engine/masks/mask.js';
import { Scorer } from '../../dist/engine/segmentation/naming/scorer.js';
import { openScene, scenesIn, sceneWithout, thingCalled } from '../ditem/cases.js';
import { mean, share } from '../ditem/statistics.js';
import { inRows, sheet } from '../sheet.js';

/** Differences below this are rounding. */
const DIFFERS = 3;
const ON_THE_SHEET = 12;
/** Fewer pixels of a thing are not told from its fringe. */
const LEAST = 60;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scenes: { type: 'string', default: '50' },
    checkpoint: { type: 'string', default: 'pocket' },
    sheet: { type: 'string' },
    json: { type: 'string' },
  },
});
const [dir] = positionals;
if (!dir) throw new Error('name the folder that pictures.py wrote');
const { pipeline } = Editor.open(resolveCheckpoint(values.checkpoint));
const { scorer: part } = pipeline.checkpoint;
const scorer = new Scorer(part, pipeline.sessions);
const prompts = [...part.vocabulary.things.map(({ prompt }) => prompt), part.vocabulary.unknown];

const rows = [];
for (const number of scenesIn(dir).slice(0, Number(values.scenes))) {
  const scene = await openScene(dir, number);
  for (let item = 1; item < scene.items.length; item++) rows.push(await removed(scene, number, item));
}
const told = rows.filter((row) => row !== undefined);
report(told);
if (values.json) writeFileSync(values.json, JSON.stringify(told.map(({ pictures: _, ...row }) => row)));
if (values.sheet) await drawSheet(told);

async function removed(scene, number, item) {
  const mask = maskOf(scene.labels, item);
  const thing = thingCalled(part.vocabulary, scene.items[item].name);
  if (areaOf(mask) < LEAST || !thing) return undefined;
  const truth = await sceneWithout(dir, scene, item);
  const { picture } = await pixels.draft(scene, { kind: 'remove', item });
  const beside = emptyMask(mask.width, mask.height);
  for (let i = 0; i < mask.data.length; i++)
    beside.data[i] = Number(!mask.data[i] && difference(scene.picture, truth, i) > DIFFERS);
  const place = boxOf(mask);
  const likely = async (of) => (await scorer.likelihoods(of, place, prompts))[prompts.indexOf(thing.prompt)];
  return {
    ...{ number, item, name: scene.items[item].name, under: error(picture, truth, mask) },
    ...{ beside: error(picture, truth, beside), left: error(scene.picture, truth, beside) },
    before: await likely(scene.picture),
    after: await likely(picture),
    truth: await likely(truth),
    pictures: [scene.picture, truth, picture],
  };
}

function boxOf(mask) {
  const { left, top, width, height } = boundsOf(mask);
  const box = emptyMask(mask.width, mask.height);
  for (let y = top; y < top + height; y++)
    box.data.fill(1, y * mask.width + left, y * mask.width + left + width);
  return box;
}

function difference(a, b, i) {
  return [0, 1, 2].reduce((sum, c) => sum + Math.abs(a.data[3 * i + c] - b.data[3 * i + c]) / 3, 0);
}

/** Of 255; undefined where there is no pixel to compare. */
function error(a, b, mask) {
  let [sum, count] = [0, 0];
  for (let i = 0; i < mask.data.length; i++) {
    if (!mask.data[i]) continue;
    sum += difference(a, b, i);
    count++;
  }
  return count > 0 ? sum / count : undefined;
}

function report(all) {
  const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
  const under = all.map((row) => row.under);
  const shadowed = all.filter((row) => row.beside !== undefined);
  console.log(`${all.length} things of ${new Set(all.map(({ number }) => number)).size} scenes removed`);
  console.log(
    `error under the thing: mean ${mean(under).toFixed(1)}, median ${median(under).toFixed(1)} of 255; ` +
      `at most 12 in ${share(under.map((x) => x <= 12))}`,
  );
  console.log(
    `error in its shadow and fringe: mean ${mean(shadowed.map((row) => row.beside)).toFixed(1)} of 255 ` +
      `(left as it was: ${mean(shadowed.map((row) => row.left)).toFixed(1)})`,
  );
  for (const [when, what] of [
    ['before', 'in the picture'],
    ['truth', 'on the true ground'],
    ['after', 'after its removal'],
  ])
    console.log(`the scorer sees it ${what}: ${share(all.map((row) => row[when] >= FOUND))}`);
  for (const row of all.filter(({ after, under: e }) => after >= FOUND || e > 24))
    console.log(
      `  ${row.number} item ${row.item + 1}, ${row.name}: error ${row.under.toFixed(1)}, likelihood ` +
        [row.before, row.truth, row.after].map((p) => p.toFixed(2)).join(' / '),
    );
}

/** The worst of them, two a row. */
async function drawSheet(all) {
  const worst = all.toSorted((a, b) => b.under - a.under).slice(0, ON_THE_SHEET);
  const { width, height } = worst[0].pictures[0];
  const cells = await Promise.all(worst.flatMap(({ pictures }) => pictures).map((one) => encodePng(one)));
  await (await sheet(inRows(cells, 6), { width, height })).png().toFile(values.sheet);
}
