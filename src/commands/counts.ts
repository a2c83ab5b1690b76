/** Numbers in words. */
export const CARDINALS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
export const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
];

/** "3" or "three", as a part of a pattern. */
export const COUNT = `(?:\\d+|${CARDINALS.join('|')})`;

/** The number that a COUNT says. */
export const counted = (said: string): number => CARDINALS.indexOf(said.toLowerCase()) + 1 || Number(said);

/** "twice", "3 times", "x3": how often something is to be done, and how often that is. */
export const TIMES = `(?:twice|${COUNT} times|x ?\\d+|\\d+ ?x)`;
export const timesOf = (said: string): number =>
  /^twice$/i.test(said) ? 2 : counted(said.replace(/^x ?| ?x$| times$/gi, ''));
