/** At most so many of something at once, for each who asks and for all together. */
export class Slots {
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(
    private readonly each: number,
    private readonly together: number,
  ) {}

  /** @returns what gives the slot back; undefined when there is none */
  take(who: string): (() => void) | undefined {
    const mine = this.#taken.get(who) ?? 0;
    if (mine >= this.each || this.#all >= this.together) return undefined;
    this.#taken.set(who, mine + 1);
    this.#all++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#all--;
      const left = this.#taken.get(who)! - 1;
      if (left > 0) this.#taken.set(who, left);
      else this.#taken.delete(who);
    };
  }
}
