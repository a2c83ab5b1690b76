/** Optimal string alignment distance: insertions, deletions, substitutions and swapped neighbours. */
export function distance(a: string, b: string): number {
  let [before, previous] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length]!;
}

/** The word of `known` that `word` probably is, if any is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const allowed = word.length <= 3 ? 0 : word.length <= 5 ? 1 : 2;
  const scored = known.map((candidate) => ({ candidate, d: distance(word.slice(0, 20), candidate) }));
  const best = scored.reduce((a, b) => (b.d < a.d ? b : a));
  return best.d <= allowed ? best.candidate : undefined;
}
