/**
 * @file Compiles the command line before the tests that run it: compiled it starts in a third of the time that tsx
 * takes.
 */
import { copyFile, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the compiled `promptune`. */
    cli: string;
  }
}

const root = join(import.meta.dirname, '../..');

/** Vitest runs this once, before the first file of the project `cli`. Types are `npm run typecheck`'s business. */
export default async function buildCli(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-cli-'));
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
  project.provide('cli', join(folder, 'dist/cli/main.js'));
  return () => rm(folder, { recursive: true, force: true });
}
