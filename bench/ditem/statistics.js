/** A paired test over scenes. */

export const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;

/** How many of a list are true, as words. */
export function share(list) {
  const right = list.filter(Boolean).length;
  return `${right} of ${list.length} (${((100 * right) / list.length).toFixed(1)} %)`;
}

/** So many scenes are tested by all the signs that their differences might have; more by a sample of them. */
const ALL = 14;
const SAMPLES = 20_000;

/**
 * Two-sided sign-flip permutation test of paired differences: how often would a mean so far from zero come by chance?
 * @param differences one a scene
 */
export function pairedTest(differences) {
  const n = differences.length;
  if (n === 0) return { n, mean: NaN, p: 1, wins: 0 };
  const observed = Math.abs(mean(differences));
  const rounds = n <= ALL ? 2 ** n : SAMPLES;
  let state = 1;
  // Park and Miller's generator: the same figure every time
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  let extreme = 0;
  for (let k = 0; k < rounds; k++) {
    const sum = differences.reduce((total, d, i) => {
      const minus = n <= ALL ? (k >> i) & 1 : random() < 0.5;
      return total + (minus ? -d : d);
    }, 0);
    if (Math.abs(sum / n) >= observed - 1e-12) extreme++;
  }
  return { n, mean: mean(differences), p: extreme / rounds, wins: differences.filter((d) => d > 0).length };
}

/** [{scene, …}] to the mean of `value` of each scene. */
export function byScene(rows, value) {
  const scenes = new Map();
  for (const row of rows) scenes.set(row.scene, [...(scenes.get(row.scene) ?? []), row]);
  return new Map([...scenes].map(([scene, list]) => [scene, mean(list.map(value))]));
}
