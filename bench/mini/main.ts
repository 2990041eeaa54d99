/**
 * @file `npm run bench:mini -- [TASK…]`: what prompts can do with a frozen model. For each task: no prompt, the best of
 *   several text prompts, a soft prompt of 20 vectors, and full fine-tuning, on test rows with word combinations that
 *   are not in the model's training data. Prints Markdown; --json FILE writes all figures.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromPretrained } from '../../src/index.js';
import { type TaskName, taskNames } from '../../tools/mini-corpus/tasks.js';
import { measureTask, type TaskResult } from './measure-task.js';
import { comparisonTable, resultTable } from './report.js';

const usage = `npm run bench:mini -- [${taskNames.join('|')}]… [--model NAME] [--seeds 1,2,3]
  [--sizes TRAIN,VALIDATION,TEST] [--json FILE]`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    sizes: { type: 'string', default: '3200,150,150' },
    json: { type: 'string' },
  },
});
const unknown = positionals.find((name) => !taskNames.some((known) => known === name));
if (unknown) fail(`no task is named "${unknown}"`);
const [train, validation, test] = wholeNumbers('sizes', values.sizes, 3);
const sizes = { train: train!, validation: validation!, test: test! };
const seeds = wholeNumbers('seeds', values.seeds);

const scratch = mkdtempSync(join(tmpdir(), 'promptune-mini-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const start = performance.now();
const pretrained = await fromPretrained(values.model);
const results: TaskResult[] = [];
for (const name of positionals.length > 0 ? (positionals as TaskName[]) : taskNames) {
  const onProgress = (message: string) => console.error(message);
  results.push(await measureTask(name, { pretrained, sizes, seeds, scratch, onProgress }));
  if (values.json)
    await writeFile(values.json, `${JSON.stringify({ model: pretrained.model.name, results })}\n`);
}
const minutes = ((performance.now() - start) / 60_000).toFixed(0);
console.log(`${resultTable(results)}\n\n${comparisonTable(results)}\n`);
console.log(
  `${pretrained.model.name}; ${sizes.train} training rows, ${sizes.validation} for validation, ${sizes.test} for the test; ` +
    `${seeds.length} seeds; ${minutes} minutes on ${cpus().length} × ${cpus()[0]?.model.trim()}.`,
);

function wholeNumbers(name: string, text: string, count?: number): number[] {
  const numbers = text.split(',').map(Number);
  if (
    numbers.some((number) => !Number.isInteger(number) || number < 1) ||
    (count ?? numbers.length) !== numbers.length
  )
    fail(`--${name}: expected ${count ?? 'some'} whole numbers from 1 with commas, got "${text}"`);
  return numbers;
}

function fail(problem: string): never {
  console.error(`${problem}\n${usage}`);
  process.exit(2);
}
