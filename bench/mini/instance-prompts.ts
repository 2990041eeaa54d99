/**
 * @file One prompt for all inputs against a prompt for each: `npx tsx bench/mini/instance-prompts.ts`. The rows of all five
 * tasks are mixed, and nothing says which is which. Prints Markdown: the loss on test rows of a single soft prompt and of
 * prompts that a linear map, a bottleneck or a Transformer predicts from the input, all trained for the same steps.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateLoss, fromPretrained, loadAdapter, openDataset, trainAdapter } from '../../src/index.js';
import { makeTask, type TaskRow, taskNames } from '../../tools/mini-corpus/tasks.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    steps: { type: 'string', default: '400' },
    seeds: { type: 'string', default: '1,2,3' },
  },
});
const sizes = { train: 300, validation: 60, test: 100 };
const numVirtualTokens = 20;

/** All with the same learning rate. */
const candidates = [
  ['one soft prompt', 'prompt-tuning', 0.01, {}],
  ['a linear map', 'instance-prompt', 0.01, { encoder: 'linear' }],
  ['a bottleneck of 64', 'instance-prompt', 0.01, { encoder: 'mlp' }],
  ['a Transformer of width 64', 'instance-prompt', 0.01, { encoder: 'transformer' }],
] as const;

const scratch = mkdtempSync(join(tmpdir(), 'promptune-instance-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const pretrained = await fromPretrained(values.model);
const tasks = taskNames.map((name) => makeTask(name, { seed: 1, sizes }));
const file = (part: 'train' | 'validation' | 'test') => {
  const path = join(scratch, `${part}.jsonl`);
  const rows = tasks.flatMap((task): TaskRow[] => task[part]);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
};
const files = { train: file('train'), validation: file('validation'), test: file('test') };
const { model, tokenizer } = pretrained;

console.log(
  '| prompt | trained numbers | validation loss | test loss, each seed | mean |\n|---|---:|---:|---|---:|',
);
for (const [title, method, learningRate, options] of candidates) {
  const losses: number[] = [];
  let trained = 0;
  let validation = 0;
  for (const seed of values.seeds.split(',').map(Number)) {
    const { adapterPath, best } = await trainAdapter({
      ...pretrained,
      data: files.train,
      validation: files.validation,
      method,
      methodOptions: { numVirtualTokens, ...options },
      learningRate,
      batchSize: 16,
      maxSteps: Number(values.steps),
      evalEvery: 100,
      schedule: { name: 'cosine', warmupRatio: 0.05 },
      seed,
      output: join(scratch, 'run'),
      overwrite: true,
      onEvent: (event) => {
        if (event.type === 'start') trained = event.trainableParameters;
      },
    });
    validation += best!.loss / values.seeds.split(',').length;
    const adapter = await loadAdapter(adapterPath, model);
    const dataset = await openDataset({
      path: files.test,
      tokenizer,
      vocabSize: model.config.vocabSize,
      maxLength: 200,
    });
    losses.push((await evaluateLoss({ model, adapter, dataset, batchSize: 16 })).loss);
    await dataset.dispose();
  }
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  console.log(
    `| ${title} | ${trained.toLocaleString('en')} | ${validation.toFixed(3)} | ${losses.map((loss) => loss.toFixed(3)).join(', ')} | ${mean.toFixed(3)} |`,
  );
}
