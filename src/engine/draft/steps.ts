/** So many steps in a row are passed over at once where none of them is asked for. */
const CHUNK = 1024;

/** Where a surface is higher by so much than beside it, of three channels: what bends a membrane (`membrane.ts`). */
export class Steps {
  count = 0;
  /** Index of the pixel that is lower, … */
  from: Int32Array;
  /** … of its neighbour, … */
  to: Int32Array;
  /** … and how much higher that one is, [count * 3]. */
  height: Float32Array;
  /** The lowest and the highest pixel of each chunk of steps. */
  readonly #lowest: number[] = [];
  readonly #highest: number[] = [];

  /** @param room for so many before more is made */
  constructor(room = 1024) {
    this.from = new Int32Array(room);
    this.to = new Int32Array(room);
    this.height = new Float32Array(room * 3);
  }

  /** One between the same pixels as the one before makes that higher. */
  add(from: number, to: number, first: number, second: number, third: number): void {
    const last = this.count - 1;
    if (this.from[last] === from && this.to[last] === to) {
      this.height[last * 3]! += first;
      this.height[last * 3 + 1]! += second;
      this.height[last * 3 + 2]! += third;
      return;
    }
    if (this.count === this.from.length) this.#grow();
    this.from[this.count] = from;
    this.to[this.count] = to;
    const chunk = Math.floor(this.count / CHUNK);
    this.#lowest[chunk] = Math.min(this.#lowest[chunk] ?? from, from, to);
    this.#highest[chunk] = Math.max(this.#highest[chunk] ?? from, from, to);
    const k = 3 * this.count++;
    this.height[k] = first;
    this.height[k + 1] = second;
    this.height[k + 2] = third;
  }

  /** Adds to `push` how much each pixel from the one of index `first` on is pushed, [pixels * 3]. */
  pushInto(push: Float32Array, first = 0): void {
    const { from, to, height, count } = this;
    const end = push.length;
    for (let chunk = 0; chunk < this.#lowest.length; chunk++) {
      if (this.#highest[chunk]! < first || (this.#lowest[chunk]! - first) * 3 >= end) continue;
      for (let n = chunk * CHUNK; n < Math.min(count, (chunk + 1) * CHUNK); n++) {
        const a = (from[n]! - first) * 3;
        const b = (to[n]! - first) * 3;
        if (a >= 0 && a < end) for (let c = 0; c < 3; c++) push[a + c]! -= height[n * 3 + c]!;
        if (b >= 0 && b < end) for (let c = 0; c < 3; c++) push[b + c]! += height[n * 3 + c]!;
      }
    }
  }

  #grow(): void {
    const { from, to, height } = this;
    (this.from = new Int32Array(2 * from.length)).set(from);
    (this.to = new Int32Array(2 * to.length)).set(to);
    (this.height = new Float32Array(2 * height.length)).set(height);
  }
}
