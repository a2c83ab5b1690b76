import { UserError } from '../engine/errors.js';
import { shareInPercent } from './amounts.js';
import { asEdit, type Command } from './command.js';
import { itemIndex, isNumber } from './items.js';
import { sourceNamed } from './references.js';

const PERCENT = '(\\d+(?:\\.\\d+)?) ?(?:%|percent|per cent)?';
/** "40%", "by 40%", "(0-100 in 5)", "from 0 to 100 in 5 steps". */
const AMOUNT = `(?: \\(?(?:by |at |from )?${PERCENT}(?: ?(?:-|to|\\.\\.+) ?${PERCENT},? (?:in|with|over) (\\d+)(?: (?:steps|pictures|parts))?)?\\)?)?`;
const VERB = '(?:blend|mix|morph|interpolate|crossfade|fade)';
const PATTERN = new RegExp(`^${VERB} (.+?) (?:with|into|to|and|towards?) (.+?)${AMOUNT}$`, 'i');
/** "blend 40% of a cat into 3", "make 3 40% a cat". */
const AMOUNT_FIRST = [
  new RegExp(`^${VERB} (?<percent>\\d+) ?% (?:of )?(?<prompt>.+?) (?:into|with|in) (?<item>.+)$`, 'i'),
  /^(?:make |blend )(?<item>.+?) (?:with )?(?<percent>\d+) ?(?:%|percent) (?:of )?(?<prompt>an? .+)$/i,
];
const HALF = /^(.+?) (?:half ?way|half)$/i;
const MOST = 8;

export const blend: Command = {
  name: 'blend',
  help: 'go part of the way from an item to something else, or all of it in steps',
  examples: [
    'blend 3 with a cat 40%',
    'blend 3 with a cat',
    'blend 3 with a cat 0-100 in 5',
    'blend 3 with B2 50%',
  ],
  verbs: ['blend', 'mix', 'morph', 'interpolate'],
  parse(said, subject) {
    const text = new RegExp(`^${VERB} `, 'i').test(said) ? shareInPercent(said) : said;
    const first = AMOUNT_FIRST.map((pattern) => pattern.exec(text)?.groups).find(Boolean);
    const [, named, what, from, to, count] = first
      ? ['', first.item, first.prompt, first.percent]
      : (PATTERN.exec(text) ?? []);
    if (named === undefined || what === undefined) return undefined;
    const item = itemIndex(named.replace(HALF, '$1'), subject);
    const prompt = what.replace(HALF, '$1');
    const source = sourceNamed(prompt, subject, subject.items[item]!.name);
    if (isNumber(prompt))
      throw new UserError(
        `blend it with what? say it in words, for example "blend ${item + 1} with a cat 40%"`,
      );
    const share = (percent: string): number => {
      if (Number(percent) > 100)
        throw new UserError('a blend goes from 0% to 100%: say for example "blend 3 with a cat 40%"');
      return Number(percent) / 100;
    };
    const at = (amount: number) =>
      ({ kind: 'blend', item, prompt, amount, ...(source ? { with: source } : {}) }) as const;
    if (to === undefined) return asEdit(at(share(from ?? '50')));
    const [start, end, steps] = [share(from!), share(to), Number(count)];
    if (steps < 2 || steps > MOST)
      throw new UserError(
        `a series has 2 to ${MOST} pictures: say for example "blend 3 with a cat 0-100 in 5"`,
      );
    const amounts = Array.from({ length: steps }, (_, i) => start + ((end - start) * i) / (steps - 1));
    return { kind: 'series', edits: amounts.map(at), labels: amounts.map((a) => `${Math.round(a * 100)}%`) };
  },
};
