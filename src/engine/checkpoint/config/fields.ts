/** What fields of config files may hold, as zod schemas whose message is what dedit supports, and how files are read by them. */
import { z } from 'zod';
import { HostError } from '../../errors.js';

export type Json = Readonly<Record<string, unknown>>;
type Range = readonly [from: number, to: number];

export const number = (range?: Range) => {
  const what = range ? `a number from ${range[0]} to ${range[1]}` : 'a number';
  return range ? z.number(what).min(range[0], what).max(range[1], what) : z.number(what);
};

const whole = (what: string, least = 1, most = Number.MAX_SAFE_INTEGER) =>
  z.int(what).min(least, what).max(most, what);

/** A size: a whole number above zero. @param most where the engine takes memory for it before it sees weights */
export const count = (most = Infinity, least = 1) =>
  most === Infinity
    ? whole(`a whole number above ${least === 1 ? 'zero' : least - 1}`, least)
    : whole(`a whole number from ${least} to ${most.toLocaleString('en')}`, least, most);

export const counts = () => {
  const what = 'a list of whole numbers above zero';
  return z.array(whole(what), what).min(1, what).readonly();
};

/** One size for all blocks, or one a block. */
export const countOrList = (blocks: number) => {
  const what = `a whole number above zero or a list of ${blocks}`;
  return z.union([whole(what), z.array(whole(what)).length(blocks, what).readonly()], what);
};

/** So many numbers. */
export const numbers = (length: number) => {
  const what = `${length} numbers`;
  return z.array(z.number(what), what).length(length, what).readonly();
};

/** Two numbers. */
export const pair = ([from, to]: Range) => {
  const what = `two numbers from ${from} to ${to}`;
  const one = z.number(what).min(from, what).max(to, what);
  return z.tuple([one, one], what).readonly();
};

export const flag = () => z.boolean('true or false');

export const oneOf = <const T extends readonly string[]>(allowed: T) =>
  z.enum(allowed, `one of ${allowed.join(', ')}`);

/** One name a block. */
export const listOf = <const T extends readonly string[]>(allowed: T, blocks: number) => {
  const what = `a list of ${allowed.join(', ')}`;
  return z
    .array(z.enum(allowed, what), what)
    .length(blocks, `one a block, and block_out_channels has ${blocks}`)
    .readonly();
};

/**
 * The fields of a file that the schema names; null means that a field is not there.
 * @throws HostError naming file, field and value, and what is supported
 */
export function read<T extends z.ZodType>(file: string, json: Json, schema: T): z.infer<T> {
  const { success, data, error } = schema.safeParse(withoutNulls(json));
  if (success) return data;
  const { path, message } = error.issues[0]!;
  const names = path.filter((key) => typeof key === 'string');
  const name = names.pop() ?? '';
  const within = names.reduce((at, key) => at[key] as Json, json);
  throw refusal([file, ...names].join(' '), name, within[name], message);
}

const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

const withoutNulls = (json: Json): Json =>
  Object.fromEntries(
    Object.entries(json)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, isObject(value) ? withoutNulls(value) : value]),
  );

/** The object within where there is one, with how it is named, and these fields otherwise. */
export function within(file: string, json: Json, name: string): readonly [file: string, json: Json] {
  const inner = json[name];
  return isObject(inner) ? [`${file} ${name}`, inner] : [file, json];
}

/** Refuses values whose meaning the engine does not build, so that nothing is silently drawn wrong. A list: one a block. */
export function requireOnly(
  file: string,
  json: Json,
  allowed: Readonly<Record<string, readonly unknown[]>>,
): void {
  for (const [name, values] of Object.entries(allowed)) {
    const value = json[name] ?? undefined;
    const each: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (value !== undefined && !each.every((v) => values.includes(v)))
      throw refusal(file, name, value, values.map(show).join(' or ') || 'only null');
  }
}

/** Refuses sizes that do not divide by the parts they are cut into. */
export function requireDivides(file: string, name: string, size: number, parts: string, count: number): void {
  if (size % count !== 0)
    throw new HostError(`${file}: ${name} ${size} does not divide by ${parts} ${count}`);
}

/** The error for a value that is not supported. */
export const refusal = (file: string, name: string, value: unknown, what: string): HostError =>
  new HostError(`${file}: ${name} is ${show(value)}, but dedit supports ${what}`);

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
