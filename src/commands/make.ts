import type { Command } from './command.js';
import { itemIndex, namesItem } from './items.js';

export const make: Command = {
  name: 'make',
  help: 'keep an item but say what is different about it',
  examples: ['make 3 red', 'make item 2 look happy'],
  parse(text, subject) {
    const words = /^make (.+)$/i.exec(text)?.[1]?.split(' ');
    if (!words) return undefined;
    // the longest run of first words that names an item
    for (let n = words.length - 1; n >= 1; n--) {
      const item = words.slice(0, n).join(' ');
      if (namesItem(item, subject))
        return { kind: 'augment', item: itemIndex(item, subject), words: words.slice(n).join(' ') };
    }
    return { kind: 'augment', item: itemIndex(words[0]!, subject), words: words.slice(1).join(' ') };
  },
};
