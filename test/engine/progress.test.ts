import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { stepping } from '../../src/engine/process/progress.js';

it('a preview that cannot be encoded, or told, ends nothing', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const onProgress = vi.fn(() => {
    throw new Error('whoever listens is gone');
  });
  const { onPreview } = stepping('edit', undefined, onProgress);
  onPreview!({ width: 1, height: 1, data: new Uint8Array(1) });
  onPreview!({ width: 1, height: 1, data: new Uint8Array(3) });
  await vi.waitFor(() => expect(onProgress).toHaveBeenCalled());
  await sleep(50);
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
