import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const commandLine = 'test/cli/**/*.test.ts';

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'library',
          include: ['{src,test,bench,tools,examples}/**/*.test.ts'],
          exclude: [commandLine],
          maxWorkers: availableParallelism(),
          isolate: false, // a worker loads the library, and ONNX Runtime, once for all its files
        },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: [commandLine],
          globalSetup: 'test/support/build-cli.ts',
          maxWorkers: availableParallelism(), // a file mostly waits for the processes that it starts
          sequence: { groupOrder: 1 },
          // They wait for many processes, which on a busy machine start slowly.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
