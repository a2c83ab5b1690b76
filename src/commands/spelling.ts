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

/** How many slips may be in a word of this length. */
const slips = (word: string): number =>
  word.length < 3 ? -1 : word.length === 3 ? 0 : word.length <= 5 ? 1 : 2;

/** The words of `known` that `word` may be a misspelling of, the likeliest first. */
export function near(word: string, known: readonly string[]): string[] {
  const [allowed, bag] = [slips(word), bagOf(word)];
  const found: { candidate: string; rank: number }[] = [];
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > 2) continue;
    // each slip changes at most two letters of the bag: most words are told apart by that
    if (bits(bag ^ bagOf(candidate)) > 2 * Math.max(0, allowed)) continue;
    const d = distance(word, candidate);
    // the right letters in the wrong order are the likeliest slip, also in a short word
    if (d === 1 && letters(word) === letters(candidate)) found.push({ candidate, rank: 0 });
    else if (d <= allowed) found.push({ candidate, rank: d });
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ candidate }) => candidate);
}

const letters = (word: string): string => [...word].sort().join('');

/** Which letters a word has, as bits. */
function bagOf(word: string): number {
  let bag = 0;
  for (let i = 0; i < word.length; i++) bag |= 1 << (word.charCodeAt(i) & 31);
  return bag;
}

function bits(bag: number): number {
  let count = 0;
  for (let rest = bag; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The verb that `word` is, or is the -ing form of: "removing". */
export function verbOf(word: string, verbs: readonly string[]): string | undefined {
  if (verbs.includes(word)) return word;
  const stem = /^(.{3,})ing$/.exec(word)?.[1];
  const forms = stem ? [stem, `${stem}e`, stem.replace(/(.)\1$/, '$1')] : [];
  return forms.find((form) => verbs.includes(form));
}

/** The verb that `word` is, or is a misspelling of: "repalce". */
export const verbMeant = (word: string, verbs: readonly string[]): string | undefined =>
  verbOf(word, verbs) ?? near(word, verbs)[0];
