/** Prints what a stage took when it is done: one line a stage. */
export class Stopwatch {
  readonly #start = performance.now();
  #last = this.#start;

  lap(stage: string): void {
    const now = performance.now();
    console.log(`${stage.padEnd(44)} ${((now - this.#last) / 1000).toFixed(2).padStart(7)} s`);
    this.#last = now;
  }

  total(): void {
    console.log(
      `${'in all'.padEnd(44)} ${((performance.now() - this.#start) / 1000).toFixed(2).padStart(7)} s`,
    );
  }
}
