/** What a piece of work costs, counted in applications of rules (patterns) and in the characters these passed. */
export interface Cost {
  readonly applications: number;
  readonly characters: number;
}

/** Counts every application of a pattern: `replace`, `split`, `test` and `matchAll` all go through `exec` (ECMA-262, 22.2.7). */
export function costOf(work: () => void): Cost {
  const { exec } = RegExp.prototype;
  let [applications, characters] = [0, 0];
  RegExp.prototype.exec = function (this: RegExp, text: string) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    const found = exec.call(this, text);
    applications++;
    // where a sticky pattern does not fit at its place, it looks no further
    characters += found ? found.index + found[0].length - from : this.sticky ? 1 : text.length - from;
    return found;
  };
  try {
    work();
  } finally {
    RegExp.prototype.exec = exec;
  }
  return { applications, characters };
}
