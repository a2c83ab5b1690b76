import type { Command } from './command.js';
import { namesItem } from './items.js';
import { itemIndices } from './several.js';

const OUT =
  /^(?:cut out|cutout|extract|isolate) (.+?)(?: (?:as|in) (?:a )?(?:transparent )?(?:png|file|sticker))?$/i;
const AROUND = /^cut (.+?) out$/i;
const AS_FILE =
  /^(?:(?:give|send|export|save|get|download)(?: me)?) (.+?) (?:(?:alone )?(?:as|in) (?:a )?(?:transparent )?(?:png|cut-?outs?|stickers?)|with(?:out a| a transparent) background)$/i;

export const cutOut: Command = {
  name: 'cut out',
  help: 'send items as a transparent picture; the picture of the thread stays as it is',
  examples: ['cut out 3', 'cut out 3 and 4', 'extract the dog'],
  verbs: ['extract', 'isolate'],
  parse(text, subject) {
    const named = OUT.exec(text)?.[1] ?? AROUND.exec(text)?.[1];
    if (named !== undefined) return { kind: 'cutOut', items: itemIndices(named, subject) };
    const asked = AS_FILE.exec(text)?.[1];
    return asked !== undefined && namesItem(asked, subject)
      ? { kind: 'cutOut', items: itemIndices(asked, subject) }
      : undefined;
  },
};
