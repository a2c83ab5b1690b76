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
  const allowed = word.length < 3 ? -1 : word.length === 3 ? 0 : word.length <= 5 ? 1 : 2;
  let [best, least] = [undefined as string | undefined, allowed + 1];
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > 2) continue;
    const d = distance(word, candidate);
    if (d < least) [best, least] = [candidate, d];
    // the right letters in the wrong order are the likeliest slip, also in a short word
    if (d === 1 && letters(word) === letters(candidate)) return candidate;
  }
  return best;
}

const letters = (word: string): string => [...word].sort().join('');

/** The verb that `word` is a misspelling or the -ing form of: "repalce", "removing". */
export function verbMeant(word: string, verbs: readonly string[]): string | undefined {
  if (verbs.includes(word)) return word;
  const stem = /^(.{3,})ing$/.exec(word)?.[1];
  const forms = stem ? [stem, `${stem}e`, stem.replace(/(.)\1$/, '$1')] : [];
  return forms.find((form) => verbs.includes(form)) ?? nearest(word, verbs);
}
