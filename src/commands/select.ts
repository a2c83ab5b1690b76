import { UserError } from '../engine/errors.js';
import type { Mark } from '../engine/edits/index.js';
import { asEdit, type Command } from './command.js';
import { itemIndex, namesItem } from './items.js';

const PERCENT = String.raw`(\d{1,3}(?:\.\d+)?) ?%`;
const PLACE = String.raw`${PERCENT}(?:,| and|,? by)? ${PERCENT}`;
/** "here 40% 60%": across from the left, down from the top; or a box around it. */
const HERE = new RegExp(
  String.raw`^(?:select|pick|mark|cut)(?: (?:the thing|what is|this))? (?:here|at)(?: at)? ${PLACE}(?: (?:to|-) ${PLACE})?$`,
  'i',
);
const SAID =
  /^(?:select|find|segment|detect|pick out|where(?: is|'s|s)|you (?:missed|forgot(?! to\b)|did not see|didn't see)|there(?: is|'s) also) (?:(?:the|a|an|my|that|this) )*(\p{L}[\p{L}' -]{0,39}?)\??$/iu;
const NEW = /^(?:(?:add |make |draw )?(?:a )?new item|add an item)(?:,? (?:called |named )?(.{1,40}))?$/i;

/** @param percents of a place, or of two corners @throws UserError when one is more than all */
function placeOf(percents: readonly (string | undefined)[], width: number, height: number): Mark['what'] {
  const [x, y, right, bottom] = percents.map((percent) =>
    percent === undefined ? undefined : Number(percent) / 100,
  );
  const pixel = (share: number | undefined, side: number): number => {
    if (Number(share) > 1)
      throw new UserError('a place in the picture is at most 100%: say for example "select here 40% 60%"');
    return Math.min(side - 1, Math.floor(Number(share) * side));
  };
  const at = { x: pixel(x, width), y: pixel(y, height) };
  if (right === undefined || bottom === undefined) return { kind: 'point', at };
  const to = { x: pixel(right, width), y: pixel(bottom, height) };
  const [left, top] = [Math.min(at.x, to.x), Math.min(at.y, to.y)];
  const size = { width: Math.abs(at.x - to.x) + 1, height: Math.abs(at.y - to.y) + 1 };
  return { kind: 'box', box: { left, top, ...size } };
}

export const select: Command = {
  name: 'select',
  help: 'make an item of what you name, of what lies at a place (across, down) or in a box',
  examples: ['select the necklace', 'select here 40% 60%', 'select here 10% 20% to 50% 60%'],
  verbs: ['select', 'find', 'segment', 'detect'],
  parse(text, subject) {
    const { width, height } = subject;
    const here = HERE.exec(text);
    if (here) return asEdit({ kind: 'mark', what: placeOf(here.slice(1), width, height) });
    const words = SAID.exec(text)?.[1];
    if (words === undefined) return undefined;
    if (namesItem(words, subject)) {
      const number = itemIndex(words, subject) + 1;
      throw new UserError(
        `that is item ${number} already: say what to change about it, for example "remove ${number}"`,
      );
    }
    return asEdit({ kind: 'mark', what: { kind: 'words', words }, name: words });
  },
};

export const newItem: Command = {
  name: 'mark',
  help: 'make an item of what an attached black-and-white picture shows in white',
  examples: ['new item hat'],
  parse(text) {
    const found = NEW.exec(text);
    if (!found) return undefined;
    return { kind: 'mark', ...(found[1] ? { name: found[1] } : {}) };
  },
};

export const add: Command = {
  name: 'add',
  help: 'make something you name part of an item, and do the last edit of that item again with it',
  examples: ['add the handle to 3'],
  verbs: ['add'],
  parse(text, subject) {
    // "add a hat to 3" is about its looks: see make.ts
    const [, words, item] =
      /^add (?!an? |some |another |one |two |three |four |five |more |B ?\d)(?:(?:the|its|his|her|my) |(?!\p{L}+s to ))(\p{L}[\p{L}' -]{0,39}?) to (.+)$/iu.exec(
        text,
      ) ?? [];
    return words && item ? { kind: 'addTo', words, item: itemIndex(item, subject) } : undefined;
  },
};
