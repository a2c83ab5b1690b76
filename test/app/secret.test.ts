import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { signingSecret } from '../../src/app/config.js';
import { defaultBudget, heldMegabytes, machineMegabytes } from '../../src/engine/process/memory.js';

const DATA_DIR = mkdtempSync(join(tmpdir(), 'dedit-secret-'));
afterAll(() => rmSync(DATA_DIR, { recursive: true }));

it('a secret is made once; one that is empty, cut off or something else signs nothing', () => {
  const made = signingSecret({ SECRET: undefined, DATA_DIR });
  expect(made).toMatch(/^[0-9a-f]{64}$/);
  expect(signingSecret({ SECRET: undefined, DATA_DIR })).toBe(made);
  for (const damaged of ['', made.slice(0, 40), `${made}${made}`, 'x'.repeat(64)]) {
    writeFileSync(join(DATA_DIR, 'secret'), damaged);
    expect(() => signingSecret({ SECRET: undefined, DATA_DIR })).toThrow(/secret is damaged: restore it/);
  }
  writeFileSync(join(DATA_DIR, 'secret'), `${made}\n`);
  chmodSync(join(DATA_DIR, 'secret'), 0o644);
  expect(signingSecret({ SECRET: undefined, DATA_DIR })).toBe(made);
  expect(statSync(join(DATA_DIR, 'secret')).mode & 0o777).toBe(0o600);
});

it('an engine has a share of the machine, or of its container, and what it holds can be told', () => {
  expect(machineMegabytes()).toBeGreaterThan(100);
  expect(defaultBudget()).toBeLessThan(machineMegabytes());
  if (process.platform !== 'linux') return;
  const before = heldMegabytes(process.pid);
  const held = Buffer.alloc(64 * 2 ** 20, 1);
  expect(heldMegabytes(process.pid) - before).toBeGreaterThan(50);
  expect(held[0]).toBe(1);
  expect(heldMegabytes(999_999_999)).toBe(0);
});
