import { UserError } from '../engine/errors.js';
import type { Subject } from './command.js';
import { namesItem } from './items.js';
import { normalise } from './normalise.js';
import { listedNames, PICTURE, pluralOf } from './several.js';

/** Stands for what was not said, in what is to be done once it is: no message has one (normalise.ts takes it away). */
export const MISSING = '\u{FDD1}';

/** A refusal that asks which item is meant. */
export class Asking extends UserError {
  constructor(
    message: string,
    /** What was said, with MISSING where the answer belongs. */
    readonly asked: string,
    /** How the item was called, where it was. */
    readonly called = '',
  ) {
    super(message);
  }
}

const IT_IS = /^(?:i (?:mean|meant)|it is|it's|that is|that's) /i;
const ALL = /^(both|all)(?: of (?:them|those))?$/i;
const NUMBERS = /^(?:[B-I] ?)?#?\d{1,2}(?:(?:,? and |, ?| ?& ?)#?\d{1,2})*$/;
/** A list of a few names is no longer. */
const LONGEST = 100;

/** Whether a message is no more than an item, or several: an answer to the question which one is meant. */
export function isAnswer(message: string, subject: Subject): boolean {
  if (message.length > LONGEST) return false;
  const said = normalise(message).replace(IT_IS, '');
  return (
    [ALL, PICTURE, NUMBERS].some((pattern) => pattern.test(said)) ||
    namesItem(said, { ...subject, last: undefined }) ||
    pluralOf(said, subject) !== undefined ||
    listedNames(said, subject)?.after === ''
  );
}

/** A person's answer, put where it was missing. @param called as `Asking` has it */
export function answered(asked: string, called: string, answer: string): string {
  const said = normalise(answer).replace(IT_IS, '');
  // "both" of a question about "the car" are both cars
  const all = ALL.exec(said)?.[1];
  const thing = called.replace(/^(?:the|my|a|an|this|that|those|these) /i, '');
  return asked.replaceAll(MISSING, () => (all && thing ? `${all} ${thing}` : said));
}
