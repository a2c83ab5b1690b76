import type { Command } from './command.js';
import { namesItem } from './items.js';
import { GROUND, itemIndices } from './several.js';

const OUT =
  /^(?:cut out|cutout|extract|isolate) (.+?)(?: (?:as|in) (?:a )?(?:transparent )?(?:png|file|sticker))?$/i;
const AROUND =
  /^cut (.+?) out(?: of (?:the |this |my )?(?:picture|image|photo))?(?: (?:as|in) (?:a )?(?:transparent )?(?:png|file|sticker))?$/i;
/** A picture whose ground is transparent is its things, cut out. */
const TRANSPARENT = /^(?:(?:make|turn) (.+?) (?:transparent|see[- ]?through)|(?:a )?transparent (.+))$/i;
const STICKER =
  /^(?:make|create|give) (?:me )?(?:a|an) (?:sticker|cut-?out|transparent png) (?:of|from|out of|with) (.+)$/i;
const AS_FILE =
  /^(?:(?:give|send|export|save|get|download)(?: me)?) (?:(?:only|just) )?(.+?) (?:(?:alone )?(?:as|in) (?:a )?(?:transparent )?(?:png|cut-?outs?|stickers?)|with(?:out (?:(?:a|the|its|her|his) )?| (?:a )?transparent )background)$/i;

export const cutOut: Command = {
  name: 'cut out',
  help: 'send items as a transparent picture; the picture of the thread stays as it is',
  examples: ['cut out 3', 'cut out 3 and 4', 'extract the dog'],
  verbs: ['extract', 'isolate'],
  parse(text, subject) {
    const named = OUT.exec(text)?.[1] ?? AROUND.exec(text)?.[1];
    if (named !== undefined) return { kind: 'cutOut', items: itemIndices(named, subject) };
    const clear = TRANSPARENT.exec(text)?.slice(1).find(Boolean);
    if (clear && GROUND.test(clear) && subject.items.length > 1)
      return { kind: 'cutOut', items: [...subject.items.keys()].slice(1) };
    const asked = AS_FILE.exec(text)?.[1] ?? STICKER.exec(text)?.[1];
    return asked !== undefined && namesItem(asked, subject)
      ? { kind: 'cutOut', items: itemIndices(asked, subject) }
      : undefined;
  },
};
