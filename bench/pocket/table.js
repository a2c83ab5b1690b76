/** Rows to the table of the model card. */
import { mean } from '../ditem/statistics.js';
import { EXACT } from '../ditem/measure.js';

/** Degrees: nearer is right. */
const HUE = 30;

const share = (list) => {
  const right = list.filter(Boolean).length;
  return `${Math.round((100 * right) / list.length)} % (${right} of ${list.length})`;
};

export function table(rows) {
  const of = (part, variant) => rows.filter((row) => row.part === part && row.variant === variant);
  const lines = [];
  const line = (list, text, value) => list.length > 0 && lines.push(`| ${text} | ${value(list)} |`);
  const named = (list) => share(list.map(({ first }) => first));
  line(of('replaced', 'grouped'), 'replaced, named right at first guess, picture learned', named);
  line(of('replaced', 'names'), 'replaced, named right, nothing learned', named);
  line(of('colour', 'names'), `in a colour by words, hue within ${HUE} degrees`, (list) =>
    share(list.map(({ off }) => off <= HUE)),
  );
  line(of('reconstructed', 'grouped'), 'drawn anew after learning, dB inside items', (list) =>
    mean(list.map(({ inside }) => inside)).toFixed(1),
  );
  line(
    rows.filter(({ part }) => part === 'replaced'),
    'outside the region the same to the bit',
    (list) => share(list.map(({ kept }) => kept === EXACT)),
  );
  const missed = of('replaced', 'names')
    .filter(({ first }) => !first)
    .map(({ target }) => target);
  const counts = new Map();
  for (const name of missed) counts.set(name, (counts.get(name) ?? 0) + 1);
  const often = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 12);
  const worst = often.map(([name, count]) => `${name} ${count}`).join(', ');
  return `| | |\n| --- | --- |\n${lines.join('\n')}\n\nMissed most, nothing learned: ${worst || 'none'}.\n`;
}
