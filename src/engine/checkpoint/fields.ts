import { UserError } from '../errors.js';

type Range = readonly [from: number, to: number];
const ANY: Range = [-Infinity, Infinity];

/** Reads the fields of one config file; every refusal names file, field and value. */
export class Fields {
  constructor(
    private readonly file: string,
    private readonly json: Readonly<Record<string, unknown>>,
  ) {}

  number(name: string, fallback?: number, [from, to]: Range = ANY): number {
    const what = from === -Infinity ? 'a number' : `a number from ${from} to ${to}`;
    return this.#field(name, fallback, (v) => isWithin(v, [from, to]), what);
  }

  /** A size: a whole number above zero. @param most where the engine takes memory for it before it sees weights */
  count(name: string, fallback?: number, most = Infinity, least = 1): number {
    const what =
      most === Infinity
        ? `a whole number above ${least === 1 ? 'zero' : least - 1}`
        : `a whole number from ${least} to ${most.toLocaleString('en')}`;
    const fits = (v: unknown): boolean => isCount(v) && (v as number) >= least && (v as number) <= most;
    return this.#field(name, fallback, fits, what);
  }

  /** Two numbers. */
  pair(name: string, [from, to]: Range): readonly [number, number] {
    const fits = (v: unknown): boolean =>
      Array.isArray(v) && v.length === 2 && v.every((n) => isWithin(n, [from, to]));
    return this.#field<readonly [number, number]>(name, undefined, fits, `two numbers from ${from} to ${to}`);
  }

  counts(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#field(name, fallback, isCounts, 'a list of whole numbers above zero');
  }

  /** So many numbers. */
  numbers(name: string, count: number, fallback: readonly number[]): readonly number[] {
    const fits = (v: unknown): boolean =>
      Array.isArray(v) && v.length === count && v.every((x) => Number.isFinite(x));
    return this.#field(name, fallback, fits, `${count} numbers`);
  }

  /** One size for all blocks, or one a block. */
  countOrList(name: string, blocks: number, fallback?: number): number | readonly number[] {
    const fits = (v: unknown): boolean => isCount(v) || (isCounts(v) && v.length === blocks);
    return this.#field(name, fallback, fits, `a whole number above zero or a list of ${blocks}`);
  }

  flag(name: string, fallback: boolean): boolean {
    return this.#field(name, fallback, (v) => typeof v === 'boolean', 'true or false');
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback?: T): T {
    return this.#field(name, fallback, (v) => allowed.includes(v as T), `one of ${allowed.join(', ')}`);
  }

  text(name: string, fallback: string, pattern: RegExp, what: string): string {
    return this.#field(name, fallback, (v) => typeof v === 'string' && pattern.test(v), what);
  }

  /** One name a block. */
  listOf<T extends string>(
    name: string,
    allowed: readonly T[],
    blocks: number,
    fallback: readonly T[],
  ): readonly T[] {
    const all = (v: unknown): boolean => Array.isArray(v) && v.every((x) => allowed.includes(x as T));
    const list = this.#field(name, fallback, all, `a list of ${allowed.join(', ')}`);
    if (list.length !== blocks) throw this.refuse(name, `one a block, and block_out_channels has ${blocks}`);
    return list;
  }

  /** A field that is not there, or null. */
  missing(name: string): boolean {
    return this.json[name] === undefined || this.json[name] === null;
  }

  /** The fields of an object within, or these when there is none. */
  within(name: string): Fields {
    const inner = this.json[name];
    return isObject(inner) ? new Fields(`${this.file} ${name}`, inner) : this;
  }

  /** The fields of an object within; `within` is for files that have them at either place. */
  object(name: string): Fields {
    const inner = this.#field<Readonly<Record<string, unknown>>>(name, undefined, isObject, 'an object');
    return new Fields(`${this.file} ${name}`, inner);
  }

  /** What `read` reads of a field, in an object of its own; nothing where the field is not there. */
  optional<Name extends string, T>(name: Name, read: (name: Name) => T): { readonly [K in Name]?: T } {
    return this.missing(name) ? {} : ({ [name]: read(name) } as { readonly [K in Name]?: T });
  }

  /** Refuses values whose meaning the engine does not build, so that nothing is silently drawn wrong. A list: one a block. */
  only(allowed: Readonly<Record<string, readonly unknown[]>>): void {
    for (const [name, values] of Object.entries(allowed)) {
      const value = this.json[name];
      const each: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (!this.missing(name) && !each.every((v) => values.includes(v))) {
        throw this.refuse(name, values.map(show).join(' or ') || 'only null');
      }
    }
  }

  /** Refuses null where it means that a part is left out, not that it is the usual one. */
  notNull(name: string): void {
    if (this.json[name] === null) throw this.refuse(name, 'only models that have it');
  }

  /** Refuses sizes that do not divide by the parts they are cut into. */
  divides(name: string, size: number, parts: string, count: number): void {
    if (size % count !== 0)
      throw new UserError(`${this.file}: ${name} ${size} does not divide by ${parts} ${count}`);
  }

  #field<T>(name: string, fallback: T | undefined, fits: (v: unknown) => boolean, what: string): T {
    if (this.missing(name) && fallback !== undefined) return fallback;
    if (!fits(this.json[name])) throw this.refuse(name, what);
    return this.json[name] as T;
  }

  /** The error for a value that is not supported. */
  refuse(name: string, what: string): UserError {
    return new UserError(`${this.file}: ${name} is ${show(this.json[name])}, but dedit supports ${what}`);
  }
}
const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
const isObject = (v: unknown): v is Readonly<Record<string, unknown>> =>
  typeof v === 'object' && v !== null && !Array.isArray(v);
const isWithin = (v: unknown, [from, to]: Range): boolean =>
  typeof v === 'number' && Number.isFinite(v) && v >= from && v <= to;
const isCount = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) > 0;
const isCounts = (v: unknown): v is readonly number[] => Array.isArray(v) && v.length > 0 && v.every(isCount);
