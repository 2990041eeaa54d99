/** @file Compiles the command line before the tests that run it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { compileCli } from './compile-cli.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the compiled `promptune`. */
    cli: string;
  }
}

/** Vitest runs this once, before the first file of the project `cli`. */
export default async function buildCli(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-cli-'));
  project.provide('cli', await compileCli(folder));
  return () => rm(folder, { recursive: true, force: true });
}
