import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// What package.json's `imports` names is compiled; tests run the sources, as tsx does by tsconfig's `paths`.
const alias = {
  '#platform': join(import.meta.dirname, 'src/platform/node.ts'),
  '#engine-thread': join(import.meta.dirname, 'src/runtime/node/engine-thread.ts'),
};
const commandLine = 'test/cli/**/*.test.ts';
// They need a browser, and have a command of their own: npm run test:browser.
const browser = 'test/browser/**';
// They replace modules of the library, which other files of a worker must not get: `vi.mock` stands in no others.
const replacing = [
  'src/formats/files.crash.test.ts',
  'src/generation/step-cache.test.ts',
  'src/serving/engine/row-decoder.test.ts',
  'test/row-lengths.test.ts',
];

export default defineConfig({
  resolve: { alias },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'library',
          include: ['{src,studio,test,bench,tools,examples}/**/*.test.ts'],
          exclude: [commandLine, browser, ...replacing],
          maxWorkers: availableParallelism(),
          isolate: false, // a worker loads the library, and ONNX Runtime, once for all its files
        },
      },
      {
        extends: true,
        test: { name: 'replacing', include: replacing, maxWorkers: availableParallelism() },
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
