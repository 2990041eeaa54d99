/** @file Compiles the command line into a folder: compiled it starts in a third of the time that tsx takes. */
import { copyFile, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** Returns the path of `promptune`. Types are `npm run typecheck`'s business. */
export async function compileCli(folder: string): Promise<string> {
  const files = await readdir(join(root, 'src'), { recursive: true });
  await build({
    entryPoints: files
      .filter((file) => /(?<!\.test|\.fixture)\.ts$/.test(file))
      .map((file) => join(root, 'src', file)),
    outdir: join(folder, 'dist'),
    outbase: join(root, 'src'),
    format: 'esm',
    platform: 'node',
    target: 'es2022',
  });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'models', 'presets'])
    await symlink(join(root, name), join(folder, name), 'junction');
  return join(folder, 'dist/cli/main.js');
}
