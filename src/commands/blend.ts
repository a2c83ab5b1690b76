import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

/** "40%", or "0-100 in 5" for a series. */
const PATTERN =
  /^(?:blend|mix) (.+?) with (.+?)(?: (\d+) ?(?:%|percent)?(?: ?(?:-|to) ?(\d+) ?(?:%|percent)? in (\d+)(?: steps)?)?)?$/i;
const MOST = 8;

export const blend: Command = {
  name: 'blend',
  help: 'go part of the way from an item to something else, or all of it in steps',
  examples: ['blend 3 with a cat 40%', 'blend 3 with a cat', 'blend 3 with a cat 0-100 in 5'],
  parse(text, subject) {
    const match = PATTERN.exec(text);
    if (!match) return undefined;
    const [, named, prompt, from, to, count] = match as unknown as [
      string,
      string,
      string,
      ...(string | undefined)[],
    ];
    const item = itemIndex(named, subject);
    const share = (percent: string): number => {
      if (Number(percent) > 100)
        throw new UserError('a blend goes from 0% to 100%: say for example "blend 3 with a cat 40%"');
      return Number(percent) / 100;
    };
    const at = (amount: number) => ({ kind: 'blend', item, prompt, amount }) as const;
    if (to === undefined) return asEdit(at(share(from ?? '50')));
    const [first, last, steps] = [share(from!), share(to), Number(count)];
    if (steps < 2 || steps > MOST)
      throw new UserError(
        `a series has 2 to ${MOST} pictures: say for example "blend 3 with a cat 0-100 in 5"`,
      );
    const amounts = Array.from({ length: steps }, (_, i) => first + ((last - first) * i) / (steps - 1));
    return { kind: 'series', edits: amounts.map(at), labels: amounts.map((a) => `${Math.round(a * 100)}%`) };
  },
};
