/** Hue and order of lightness. */

export const hueOf = ({ a, b }) => (Math.atan2(b, a) * 180) / Math.PI;

/** Degrees between two hues, 0–180. */
export const hueApart = (p, q) => Math.abs(((p - q + 540) % 360) - 180);

/** Of the sum of all pixels' chromas: greys have no say. @param pixels indices */
export function hueIn({ data }, pixels) {
  let [a, b] = [0, 0];
  for (const i of pixels) [a, b] = [a + data[3 * i + 1], b + data[3 * i + 2]];
  return hueOf({ a, b });
}

/** Spearman's rank correlation; what is equal shares its rank. */
export const spearman = (p, q) => pearson(ranks(p), ranks(q));

function ranks(list) {
  const order = [...list.keys()].sort((i, j) => list[i] - list[j]);
  const out = new Float64Array(list.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && list[order[to + 1]] === list[order[from]]) to++;
    for (let k = from; k <= to; k++) out[order[k]] = (from + to) / 2;
    from = to + 1;
  }
  return out;
}

function pearson(p, q) {
  const n = p.length;
  const mean = (list) => list.reduce((sum, x) => sum + x, 0) / n;
  const [mp, mq] = [mean(p), mean(q)];
  let [pq, pp, qq] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    pq += (p[i] - mp) * (q[i] - mq);
    pp += (p[i] - mp) ** 2;
    qq += (q[i] - mq) ** 2;
  }
  return pp === 0 || qq === 0 ? 1 : pq / Math.sqrt(pp * qq);
}
