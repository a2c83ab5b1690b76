/** One edit, by the database's rows; times in ms. */
export interface Asked {
  readonly user: string;
  readonly at: number;
  readonly done: number;
}

/** The value that this share of the sorted values does not exceed. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

/**
 * How long each edit waited, and how long it would have in its fair turn: people take turns, so somebody's n-th waiting edit
 * comes when everybody who waits had n, at the capacity that there was over the whole run.
 * @param perSecond edits
 */
export function turns(edits: readonly Asked[], perSecond: number): { waited: number; fair: number }[] {
  const events = edits
    .flatMap((edit) => [
      { time: edit.at, edit, change: 1 },
      { time: edit.done, edit, change: -1 },
    ])
    .sort((a, b) => a.time - b.time);
  const waiting = new Map<string, number>();
  const found: { waited: number; fair: number }[] = [];
  for (const { edit, change } of events) {
    const mine = (waiting.get(edit.user) ?? 0) + change;
    if (mine > 0) waiting.set(edit.user, mine);
    else waiting.delete(edit.user);
    if (change > 0)
      found.push({ waited: edit.done - edit.at, fair: (1000 * mine * waiting.size) / perSecond });
  }
  return found;
}
