import { UserError } from '../engine/errors.js';
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
};

const setting = (name: SettingName): Command => {
  const { help, example, least, most, whole } = SETTINGS[name];
  const pattern = new RegExp(`^(?:set )?(?:the )?${name}(?: to| =|=)? ?(-?\\d+(?:\\.\\d+)?)(?: ?px)?$`, 'i');
  return {
    name,
    help,
    examples: [example],
    parse(text) {
      const match = pattern.exec(text);
      if (!match) return undefined;
      const value = Number(match[1]);
      if (value < least || value > most || (whole && !Number.isInteger(value)))
        throw new UserError(
          `${name} goes from ${least} to ${most}${whole ? ', whole' : ''}: say for example "${example}"`,
        );
      return { kind: 'set', setting: name, value };
    },
  };
};

export const settings: readonly Command[] = (Object.keys(SETTINGS) as SettingName[]).map(setting);
