import { describe, expect, it } from 'vitest';
import { parse } from '../../src/commands/index.js';
import { UserError } from '../../src/engine/errors.js';
import { action, read, sectionsIn } from './fixtures.js';

/** "photograph: 1 sky, 2 person": a picture, and what is said of it. */
const pictures = read('strangers.txt')
  .split(/^## /m)
  .slice(1)
  .map((text) => {
    const [first = ''] = text.split('\n', 1);
    const [name = '', items = ''] = first.split(': ');
    return { name, items: items.split(', ').map((item) => ({ name: item.replace(/^\d+ /, '') })), text };
  });

describe.each(pictures)('of the $name', ({ items, text }) => {
  const subject = { width: 1000, height: 800, items, finds: true };
  const all = sectionsIn(text.slice(text.indexOf('\n')));

  describe.each(all)('$head', ({ head, messages }) => {
    const refused = /^no: (.*)$/.exec(head[0]!)?.[1];

    it.each(messages)('%s', (message) => {
      if (refused === undefined) {
        expect(parse(message, subject)).toEqual(head.map(action));
        return;
      }
      expect(() => parse(message, subject)).toThrow(UserError);
      expect(() => parse(message, subject)).toThrow(refused);
    });
  });
});
