/**
 * @file Every method: a run that was stopped and goes on leaves the bytes of one that went through. Killed ones:
 * test/cli/resume.test.ts.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromPretrained, methods, type Pretrained, type RunConfig, trainFromConfig } from '../src/index.js';
import { runFolderBytes } from '../src/runs/folder-bytes.fixture.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { workplace } from './support/workplace.js';

useWarmRuntime();

let root: string;
let pretrained: Pretrained;
/** A model of more than one layer. */
let deeper: Pretrained;
beforeAll(async () => {
  root = await workplace();
  pretrained = await fromPretrained(join(root, 'model'));
  const rows = ['cat', 'dog', '猫', '狗'].map((prompt, i) => ({
    prompt,
    completion: ` ${prompt}s`,
    label: i % 2,
  }));
  deeper = await fromPretrained('promptune-mini');
  await writeFile(join(root, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  await writeFile(join(root, 'few.jsonl'), JSON.stringify(rows[0]));
});
afterAll(() => rm(root, { recursive: true }));

/** What a method cannot do without. */
const needed = (method: string): Partial<RunConfig> => {
  if (method === 'cpt') return { methodOptions: { examplesFile: join(root, 'few.jsonl') } };
  return method === 'head-alone' ? { taskType: 'sequence-classification' } : {};
};

it.each(methods.map(({ name }) => name))('%s', async (method) => {
  const run = (output: string, maxSteps: number, resume = false) =>
    trainFromConfig({
      ...(method === 'late-prompt-tuning' ? deeper : pretrained),
      ...needed(method),
      method,
      data: join(root, 'rows.jsonl'),
      batchSize: 2,
      schedule: { name: 'constant' },
      saveEvery: 1,
      threads: 1,
      maxSteps,
      output: join(root, output),
      resume,
    });
  await run(`${method}-whole`, 3);
  await run(`${method}-stopped`, 2);
  await run(`${method}-stopped`, 3, true);
  const [whole, stopped] = [join(root, `${method}-whole`), join(root, `${method}-stopped`)];
  expect(await runFolderBytes(stopped)).toEqual(await runFolderBytes(whole));
});
