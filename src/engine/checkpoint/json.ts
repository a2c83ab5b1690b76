import { readFileSync } from 'node:fs';
import { HostError } from '../errors.js';

/** @throws HostError when the file is missing or no JSON object */
export function readJson(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new HostError(`${file} is missing: a checkpoint in diffusers layout has it`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(withoutInfinities(text));
  } catch {
    throw new HostError(`${file} is not JSON: download it again`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new HostError(`${file} is not an object: download it again`);
  }
  return parsed as Record<string, unknown>;
}

/** Python writes -Infinity and NaN into JSON (diffusers does, for DPM-Solver's lambda_min_clipped): null for JSON. */
const withoutInfinities = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => (token.startsWith('"') ? token : 'null'));
