/** @file Bundles a program of the sources: it starts in a fraction of the time that tsx takes. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/**
 * @param path of its file, in TypeScript
 * @returns the path of its JavaScript, which is where packages are found
 */
export async function compileProgram(path: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache/promptune-tests');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `${basename(path, '.ts')}-${process.pid}.mjs`);
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    packages: 'external',
    alias: {
      '#platform': join(root, 'src/platform/node.ts'),
      '#engine-thread': join(root, 'src/runtime/node/engine-thread.ts'),
    },
    format: 'esm',
    platform: 'node',
    target: 'es2022',
  });
  return outfile;
}
