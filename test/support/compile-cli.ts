/** @file Bundles the command line with its packages into a folder: so it starts in a fraction of the time. */
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** Returns the path of `promptune`. Types are `npm run typecheck`'s business. */
export async function compileCli(folder: string): Promise<string> {
  await build({
    entryPoints: [
      { in: join(root, 'src/index.ts'), out: 'index' },
      { in: join(root, 'src/cli/main.ts'), out: 'cli/main' },
      { in: join(root, 'src/cli/program.ts'), out: 'cli/program' },
      // Started by their files' names, which the chunks that start them have beside themselves.
      { in: join(root, 'src/runtime/node/worker.ts'), out: 'chunks/worker' },
      { in: join(root, 'src/workspace/jobs/job-process.ts'), out: 'chunks/job-process' },
      { in: join(root, 'src/workspace/distribution/piece-process.ts'), out: 'chunks/piece-process' },
    ],
    outdir: join(folder, 'dist'),
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    // Native code, and what is loaded only when it is installed.
    external: ['onnxruntime-node', 'bullmq', 'ioredis'],
    minify: true,
    keepNames: true,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    alias: {
      '#platform': join(root, 'src/platform/node.ts'),
      '#engine-thread': join(root, 'src/runtime/node/engine-thread.ts'),
    },
    format: 'esm',
    platform: 'node',
    target: 'es2022',
  });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'models', 'presets', 'quickstart'])
    await symlink(join(root, name), join(folder, name), 'junction');
  return join(folder, 'dist/cli/main.js');
}
