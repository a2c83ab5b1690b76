import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/globalSetup.ts',
    // onnxruntime's native threads outlive worker threads: each file gets a process of its own, one at a time,
    // so that two cores are not shared by several sessions.
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    // taking data folders away is slow on a busy disk
    hookTimeout: 60_000,
  },
});
