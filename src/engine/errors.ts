/**
 * Something the person can mend: a bad picture, a bad checkpoint, an impossible edit. `message` is one line that
 * says what is wrong and what to do; adapters show it as it is. Everything else thrown is a bug.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
