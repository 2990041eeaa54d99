import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.config.js';

const { projects: _, ...test } = shared.test!;

/** `npm run test:browser`: one page at a time, since each takes all cores. */
export default mergeConfig(
  { ...shared, test },
  {
    test: {
      name: 'browser',
      include: ['test/browser/*.test.ts'],
      fileParallelism: false,
      isolate: false,
      // Of busy machines: WebAssembly, and a GPU in software.
      testTimeout: 600_000,
      hookTimeout: 600_000,
    },
  },
);
