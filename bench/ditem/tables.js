/** Rows to tables, in the manner of the paper's. */
import { byScene, mean, pairedTest } from './statistics.js';
import { MEANS, VARIANTS } from './variants.js';

const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const share = (list) => `${Math.round(100 * mean(list.map(Number)))} %`;
const scenesOf = (rows) => new Set(rows.map(({ scene }) => scene)).size;

export function tables(rows) {
  const of = (part) => rows.filter((row) => row.part === part);
  return [
    textTable(of('text')),
    removalTable(of('removal')),
    imageTable(of('image')),
    laterTable(of('later')),
    paired(rows),
  ]
    .filter(Boolean)
    .join('\n');
}

/** The mean of a column where it was measured. */
const column = (list, name) => mean(list.map((row) => row[name]).filter((value) => value !== undefined));

function textTable(rows) {
  if (rows.length === 0) return '';
  const lines = Object.keys(VARIANTS).flatMap((variant) => {
    const list = rows.filter((row) => row.variant === variant);
    if (list.length === 0) return [];
    const cells = [
      number(column(list, 'cosine'), 3),
      share(list.map(({ first }) => first)),
      number(column(list, 'kept'), 1),
      number(column(list, 'freely'), 1),
      number(column(list, 'others'), 3),
      number(column(list, 'clipT'), 3),
    ];
    return [
      `| ${variant} | ${cells.join(' | ')} | ${list.length} of ${scenesOf(list)} scenes | ${MEANS[variant]} |`,
    ];
  });
  return `### Edits by words

| variant | likeness to the words | seen first | outside, dB | drawn freely: outside, dB | … other items' distance | CLIP-T | edits | |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

function removalTable(rows) {
  if (rows.length === 0) return '';
  const lines = Object.keys(VARIANTS).flatMap((variant) => {
    const list = rows.filter((row) => row.variant === variant);
    if (list.length === 0) return [];
    const cells = [number(column(list, 'like'), 1), number(column(list, 'kept'), 1)];
    return [`| ${variant} | ${cells.join(' | ')} | ${list.length} |`];
  });
  return `### Removals

| variant | likeness to the scene without it, dB | outside, dB | removals |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}

const BY = { image: 'by the picture', words: 'by its name', draft: 'draft, as people get it' };

function imageTable(rows) {
  if (rows.length === 0) return '';
  const lines = [...new Set(rows.map(({ variant }) => variant))].flatMap((variant) =>
    Object.keys(BY).map((by) => {
      const list = rows.filter((row) => row.variant === variant && row.by === by);
      const cells = [
        share(list.map(({ first }) => first)),
        share(list.filter(({ told }) => told).map(({ first }) => first)),
        number(column(list, 'distance'), 3),
        number(column(list, 'pixels'), 1),
        number(column(list, 'kept'), 1),
        number(column(list, 'clipI'), 3),
      ];
      return `| ${variant}, ${BY[by]} | ${cells.join(' | ')} | ${list.length} of ${scenesOf(list)} pairs |`;
    }),
  );
  const pairs = rows.filter(({ by, variant }) => by === 'image' && variant === 'grouped');
  const words = rows.filter(({ by, variant }) => by === 'words' && variant === 'grouped');
  const nearer = (name) => share(pairs.map((row, i) => row[name] < words[i][name]));
  return `### Edits by an item of another picture

| | its class seen first | … where it is in B itself | distance to it (scorer) | distance to its pixels, of 255 | outside, dB | CLIP-I | edits |
| --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

Nearer to B's item by the picture than by its name (grouped): ${nearer('distance')} in the scorer's eyes, ${nearer('pixels')} by pixels.
`;
}

function laterTable(rows) {
  if (rows.length === 0) return '';
  const [alone, both] = ['alone', 'both'].map((name) => number(column(rows, name), 2));
  const worst = Math.max(...rows.map((row) => row.alone - row.both));
  return `### A picture rebuilt from noise, before and after a reference was learned

| learned alone, dB | after the reference, dB | lost at most | pictures |
| --- | --- | --- | --- |
| ${alone} | ${both} | ${number(Math.max(0, worst), 2)} | ${rows.length} |
`;
}

/** Grouped attention against its ablation, scene by scene. */
function paired(rows) {
  const axes = [
    ['text', 'likeness to the words', (row) => row.cosine],
    ['text', 'outside, dB', (row) => row.kept],
    ['text', 'drawn freely: outside, dB', (row) => row.freely],
    ['text', "other items' nearness", (row) => -row.others],
    ['removal', 'likeness to the scene without it, dB', (row) => row.like],
    ['image', 'nearness to B (scorer)', (row) => -row.distance],
    ['image', 'nearness to B (pixels)', (row) => -row.pixels],
  ];
  const lines = axes.flatMap(([part, name, value]) => {
    const of = (variant) =>
      byScene(
        rows.filter(
          (row) =>
            row.part === part &&
            row.variant === variant &&
            (row.by ?? 'image') === 'image' &&
            Number.isFinite(value(row)),
        ),
        value,
      );
    const [ours, theirs] = [of('grouped'), of('ungrouped')];
    const scenes = [...ours.keys()].filter((scene) => theirs.has(scene));
    if (scenes.length === 0) return [];
    const test = pairedTest(scenes.map((scene) => ours.get(scene) - theirs.get(scene)));
    return [
      `| ${name} | ${test.mean >= 0 ? '+' : ''}${test.mean.toFixed(3)} | ${test.wins} of ${test.n} | ${test.p < 1e-4 ? '< 0.0001' : test.p.toFixed(4)} |`,
    ];
  });
  if (lines.length === 0) return '';
  return `### Grouped attention against its ablation

Means of each scene, paired; p by flipping signs, two-sided. Positive: grouped is better.

| axis | difference | scenes won | p |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}
