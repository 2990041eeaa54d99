import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.config.js';
import { chromiumFolder } from './chromium.js';

const { projects: _, ...test } = shared.test!;

// ONNX Runtime finds Chromium's GPU in software: the workers of the tests inherit what is set here.
if (chromiumFolder) {
  process.env.LD_LIBRARY_PATH = [chromiumFolder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  process.env.VK_DRIVER_FILES ??= join(chromiumFolder, 'vk_swiftshader_icd.json');
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}

// It replaces a module of the library (see vitest.config.ts).
const replacing = 'test/browser/webgpu-cache.test.ts';

/** `npm run test:browser`: one page at a time, since each takes all cores. */
export default mergeConfig(
  { ...shared, test },
  {
    test: {
      fileParallelism: false,
      // Of busy machines: WebAssembly, and a GPU in software.
      testTimeout: 600_000,
      hookTimeout: 600_000,
      projects: [
        {
          extends: true,
          test: {
            name: 'browser',
            include: ['test/browser/*.test.ts'],
            exclude: [replacing],
            isolate: false, // the studio's page is built once for all files
          },
        },
        {
          extends: true,
          test: { name: 'browser-replacing', include: [replacing], sequence: { groupOrder: 1 } },
        },
      ],
    },
  },
);
