/**
 * Typed arrays that every thread sees. They are cut from pieces of memory that are kept from one completion to the next:
 * shared memory goes back to the system only when all threads have collected their garbage, which idle ones never do.
 */
const PIECE = 2 ** 24;

type Numbers = Uint8Array | Int32Array | Float32Array;
type Kind<T extends Numbers> = {
  new (buffer: SharedArrayBuffer, offset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
};

export class SharedMemory {
  readonly #pieces: SharedArrayBuffer[] = [];
  #at = 0;
  #used = 0;

  /** Whatever was taken before may be written over from now on. */
  reuse(): void {
    this.#at = 0;
    this.#used = 0;
  }

  /** What is in it is left from before. */
  take<T extends Numbers>(kind: Kind<T>, length: number): T {
    const bytes = Math.ceil((length * kind.BYTES_PER_ELEMENT) / 8) * 8;
    while (this.#used + bytes > (this.#pieces[this.#at]?.byteLength ?? Infinity)) {
      this.#at++;
      this.#used = 0;
    }
    const piece = (this.#pieces[this.#at] ??= new SharedArrayBuffer(Math.max(PIECE, bytes)));
    this.#used += bytes;
    return new kind(piece, this.#used - bytes, length);
  }

  /** The record with all its arrays where every thread sees them. */
  shared<T extends object>(record: T): T {
    const entries = Object.entries(record).map(([name, value]) => [name, this.#copied(value)]);
    return Object.fromEntries(entries) as T;
  }

  #copied(value: unknown): unknown {
    if (!ArrayBuffer.isView(value)) return value;
    const from = value as Numbers;
    const to = this.take(from.constructor as Kind<Numbers>, from.length);
    to.set(from);
    return to;
  }
}
