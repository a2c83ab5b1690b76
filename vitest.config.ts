import { defineConfig } from 'vitest/config';

/** Files that measure time, drive a browser, or fill both cores with one engine: each has the machine to itself. */
const ALONE = [
  'test/bot/web/{page,screens,firefox,weight}.test.ts',
  'test/bot/*/trouble.test.ts',
  'test/commands/bounds.test.ts',
  'test/engine/{editor,webgpu,runtime/resident}.test.ts',
  'test/sessions/load.test.ts',
  'test/{chaos,load}/*.test.ts',
];

// onnxruntime's native threads outlive worker threads: each file gets a process of its own
const common = {
  pool: 'forks',
  globalSetup: 'test/support/globalSetup.ts',
  testTimeout: 120_000,
  // a busy machine takes its time to remove a database's files
  hookTimeout: 60_000,
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          // most of them wait now and then: for processes, for servers
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...common, name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
