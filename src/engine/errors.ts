/** A sentence is read: what a file or a person's words bring into it may be as long as they like. */
const LONGEST = 1000;

/**
 * Something the person can mend: a bad picture, a bad checkpoint, an impossible edit. `message` is one line that
 * says what is wrong and what to do; adapters show it as it is. Everything else thrown is a bug.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';

  constructor(message: string) {
    super(oneLine(message));
  }
}

/**
 * Something that whoever runs dedit can mend, and nobody else: files and folders that models lie in, options, devices. On the
 * command line both are one person; people in chat are told whom to tell (app/discreet.ts).
 */
export class HostError extends UserError {
  override readonly name = 'HostError';
}

/** What is quoted in it comes from anywhere: names of tensors, fields of JSON, words. */
function oneLine(text: string): string {
  const line = text.slice(0, LONGEST).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return (text.length > LONGEST ? `${line}…` : line).replace(/\p{Surrogate}/gu, '\uFFFD');
}
