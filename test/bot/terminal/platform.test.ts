import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Reply } from '../../../src/bot/platform.js';
import { TerminalPlatform } from '../../../src/bot/terminal/platform.js';
import { temporaryFolder } from '../../fixtures.js';

it('a finer picture, which cannot take the place of a printed one, is told from it', async () => {
  const out = temporaryFolder();
  let written = '';
  const platform = new TerminalPlatform({
    ...{ thread: 't', out, json: true, inline: 'none' },
    write: (text) => (written += text),
  });
  const reply = (text: string, byte: number): Reply => ({
    ...{ kind: 'result', text },
    picture: { name: 'p.png', png: Uint8Array.of(byte), alt: '' },
  });
  const message = await platform.post('t', reply('1: remove 3', 1));
  await platform.post('t', { ...reply('1: remove 3 (drawn finer)', 2), replaces: message });
  expect(readdirSync(out).map((name) => [name, readFileSync(`${out}/${name}`)[0]])).toEqual([
    ...[
      ['001-result.png', 1],
      ['002-refined.png', 2],
    ],
  ]);
  const lines = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; text: string });
  expect(lines.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'result: 1: remove 3',
    'refined: 1: remove 3 (drawn finer)',
  ]);
});
