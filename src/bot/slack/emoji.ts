/** Slack's names of the reactions that mean something here. */
const UNICODE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map((name, i) => [
      name,
      `${i + 1}\uFE0F\u20E3`,
    ]),
  ),
  leftwards_arrow_with_hook: '↩️',
  repeat: '🔁',
  wastebasket: '🗑️',
};

/** The emoji of a reaction, or undefined for mere feelings. */
export const emojiOf = (name: string): string | undefined => UNICODE[name];
