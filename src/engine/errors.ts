/** A sentence is read: what a file or a person's words bring into it may be as long as they like. */
const LONGEST = 1000;

/**
 * Something the person can mend: a bad picture, a bad checkpoint, an impossible edit. `message` is one line that
 * says what is wrong and what to do; adapters show it as it is. Everything else thrown is a bug.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(message: string) {
    super(oneLine(message));
  }
}

/** What is quoted in it comes from anywhere: names of tensors, fields of JSON, words. */
function oneLine(text: string): string {
  const line = text.slice(0, LONGEST).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return (text.length > LONGEST ? `${line}…` : line).replace(/\p{Surrogate}/gu, '\uFFFD');
}
