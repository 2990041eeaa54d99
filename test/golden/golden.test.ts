import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { checkCase, disagreements } from './check-case.js';

/** PROMPTUNE_GOLDEN may name a folder with further cases of the same form. */
const root = process.env.PROMPTUNE_GOLDEN ?? join(import.meta.dirname, 'cases');

useWarmRuntime();

describe('golden cases from PyTorch, transformers and PEFT', () => {
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'expected.json')));
  it.each(names)('%s', async (name) => {
    const differences = await checkCase(join(root, name));
    expect(disagreements(differences), JSON.stringify(differences)).toEqual([]);
  });
});
