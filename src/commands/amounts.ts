const SHARES: Record<string, number> = { half: 50, third: 33, quarter: 25, fifth: 20, tenth: 10 };
const TIMES: Record<string, number> = { a: 1, an: 1, one: 1, two: 2, three: 3 };
const FRACTION = new RegExp(
  `\\b(by|to|with|at)? ?\\b(?:(a|an|one|two|three)[ -])?(${Object.keys(SHARES).join('|')})s?(?: (?:of )?(?:its|the|their)(?: (?:original|current|own))? (?:size|width|height|picture))?(?= |$)`,
  'i',
);

/** "by a quarter" as "by 25%", "to half its size" as "to 50%": fractions where an amount is meant. */
export function inPercent(text: string): string {
  return text.replace(
    FRACTION,
    (written, by: string | undefined, count: string | undefined, part: string) => {
      // "half" alone is a verb, "a third item" is none
      if (!by && !count) return written;
      const percent = Math.min(100, SHARES[part.toLowerCase()]! * TIMES[count?.toLowerCase() ?? 'a']!);
      return `${by ? `${by} ` : ' '}${percent}%`;
    },
  );
}
