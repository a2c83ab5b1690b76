import { UserError } from '../engine/errors.js';
import { shareInPercent } from './amounts.js';
import type { Command, SettingName } from './command.js';

interface Setting {
  readonly help: string;
  readonly example: string;
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

/** What people may set, in the ranges that make sense to the engine. */
const SETTINGS: Record<SettingName, Setting> = {
  seed: {
    help: 'the same seed gives the same picture',
    example: 'seed 7',
    least: 0,
    most: 2 ** 31 - 1,
    whole: true,
  },
  strength: {
    help: 'how long the edge around an item stays as it was, 0 to 1',
    example: 'strength 0.6',
    least: 0,
    most: 1,
    whole: false,
  },
  steps: {
    help: 'how many sampling steps an edit takes',
    example: 'steps 30',
    least: 1,
    most: 100,
    whole: true,
  },
  guidance: {
    help: 'how closely an edit follows its words',
    example: 'guidance 6',
    least: 1,
    most: 20,
    whole: false,
  },
  edge: {
    help: 'how wide the edge around an item is, in pixels',
    example: 'edge 15',
    least: 0,
    most: 512,
    whole: true,
  },
  redraw: {
    help: 'how much of what the picture itself answers is drawn anew by the checkpoint, in per cent',
    example: 'redraw 40%',
    least: 0,
    most: 100,
    whole: false,
  },
};

/** Other words for a setting. */
const ALSO: Partial<Record<SettingName, string>> = {
  strength: 'strength|denoise|denoising(?: strength)?',
  steps: '(?:sampling |number of )?steps',
  guidance: 'guidance(?: scale)?|cfg(?: scale)?',
  edge: 'edge(?: width)?|feather',
};

const VALUE = '(-?\\d*[.,]?\\d+) ?(%|px|pixels?|percent)?';

const setting = (name: SettingName): Command => {
  const { help, example, least, most, whole } = SETTINGS[name];
  const called = `(?:${ALSO[name] ?? name})`;
  // "seed: 7", "set the seed to 7", "use seed 7", and the other way round: "30 steps", "an edge of 15 px"
  const before = new RegExp(
    `^(?:(?:set|change|use|put|make|with|an?|the) )*${called}(?: (?:to|is|of|at|be)| ?[=:])? ?${VALUE}$`,
    'i',
  );
  const after = new RegExp(`^(?:(?:use|do|take|with|set) )?${VALUE} ${called}$`, 'i');
  return {
    name,
    help,
    examples: [example],
    verbs: [name],
    parse(said) {
      const text = name === 'redraw' && /^redraw /i.test(said) ? shareInPercent(said) : said;
      const [, digits, unit] = before.exec(text) ?? after.exec(text) ?? [];
      if (digits === undefined) return undefined;
      // "redraw 3" is an item's outline, see reshape.ts
      if (name === 'redraw' && !/^(?:%|percent)/.test(unit ?? '')) return undefined;
      const number = Number(digits.replace(',', '.'));
      const value = name === 'strength' && /^[%p]/.test(unit ?? '') ? number / 100 : number;
      if (value < least || value > most || (whole && !Number.isInteger(value)))
        throw new UserError(
          `${name} goes from ${least} to ${most}${whole ? ', whole' : ''}: say for example "${example}"`,
        );
      // people say per cent, the engine takes a share
      return { kind: 'set', setting: name, value: name === 'redraw' ? value / 100 : value };
    },
  };
};

export const settings: readonly Command[] = (Object.keys(SETTINGS) as SettingName[]).map(setting);
