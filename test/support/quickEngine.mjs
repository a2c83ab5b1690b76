import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const bytes = Buffer.from('a picture');
const ITEMS = ['grass', 'dog', 'ball', 'tree'].map((name) => ({
  name,
  prompt: { kind: 'text', text: name },
}));

/**
 * An engine for processes of their own that does nothing and takes its time for it. Each edit that begins is a line of a
 * file, the process id and its words; "deadly" takes the whole process with it. No edit ends before so many processes as
 * are to be `together` have begun one.
 */
export function quickEngine(edits, { editMs = 0, learnMs = 0, together = 1 } = {}) {
  const begun = () => new Set(readFileSync(edits, 'utf8').match(/^\d+ /gm)).size;
  const shown = (items) => ({ width: 32, height: 24, picture: bytes, labels: bytes, overlay: bytes, items });
  return {
    segment: async () => shown(ITEMS),
    associate: async ({ items }) => (
      await sleep(learnMs),
      { items, learned: bytes, steps: { taken: 1, of: 1 } }
    ),
    edit: async ({ items }, { words }) => {
      appendFileSync(edits, `${process.pid} ${words}\n`);
      if (words === 'deadly') process.kill(process.pid, 'SIGKILL');
      await sleep(editMs);
      while (begun() < together) await sleep(20);
      return shown(items);
    },
    strip: async () => bytes,
    mask: async () => bytes,
    close: async () => {},
  };
}
