import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copiesIn, emptyCopies, makeRoom, touch } from '../../../src/engine/checkpoint/cache.js';
import { temporaryFolder } from '../../fixtures.js';

const DAY = 24 * 60 * 60;
/** Copies of 100 bytes each, opened so many days ago. */
function cacheOf(days: Readonly<Record<string, number>>) {
  const dir = temporaryFolder();
  const now = Math.floor(Date.now() / 1000);
  for (const [name, ago] of Object.entries(days)) {
    writeFileSync(join(dir, name), Buffer.alloc(100));
    utimesSync(join(dir, name), now - ago * DAY, now - 30 * DAY);
  }
  const left = () => Object.keys(days).filter((name) => existsSync(join(dir, name)));
  return { dir, left };
}

describe('the cache of expanded weights', () => {
  it('gives up what nobody opened for longest, and only as much as it must', () => {
    const { dir, left } = cacheOf({
      'a.safetensors': 9,
      'b.safetensors': 12,
      'c.safetensors': 3,
      'lora-d.safetensors.12-34.partial': 20,
    });
    expect(copiesIn(dir)).toEqual({ files: 4, bytes: 400 });
    makeRoom(dir, 100, 500);
    expect(left()).toHaveLength(4);
    makeRoom(dir, 150, 400);
    expect(left()).toEqual(['a.safetensors', 'c.safetensors']);
  });

  it('keeps what was opened within a day, however little room there is', () => {
    const { dir, left } = cacheOf({ 'a.safetensors': 9, 'b.safetensors': 9 });
    const written = statSync(join(dir, 'a.safetensors')).mtimeMs;
    touch(join(dir, 'a.safetensors'));
    expect(statSync(join(dir, 'a.safetensors')).mtimeMs).toBe(written);
    makeRoom(dir, 1000, 10);
    expect(left()).toEqual(['a.safetensors']);
  });

  it('is emptied of copies and of nothing else', () => {
    const { dir, left } = cacheOf({ 'a.safetensors': 0, 'notes.txt': 9 });
    expect(emptyCopies(dir)).toEqual({ files: 1, bytes: 100 });
    expect(left()).toEqual(['notes.txt']);
    expect(copiesIn(join(dir, 'nowhere'))).toEqual({ files: 0, bytes: 0 });
  });
});
