/**
 * @file Compiles the command line before the tests that run it: compiled it starts in a third of the time that tsx
 * takes.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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
  const compile = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false'];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, ...compile, '--outDir', join(folder, 'dist')], {
    cwd: root,
  });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'models', 'presets'])
    await symlink(join(root, name), join(folder, name), 'junction');
  project.provide('cli', join(folder, 'dist/cli/main.js'));
  return () => rm(folder, { recursive: true, force: true });
}
