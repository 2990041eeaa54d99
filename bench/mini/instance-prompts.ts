/**
 * @file One prompt for all inputs, or one for each (results: instance-prompts.md): `npx tsx
 *   bench/mini/instance-prompts.ts`. The rows of all five tasks are mixed, without a field that says which is which.
 *   Prints two tables as Markdown, with the loss on test rows for each seed: soft prompts, one for all inputs or one
 *   predicted per input, trained for the same number of steps; and text prompts, the best one for all or one chosen per
 *   input by a selector.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Candidate,
  evaluateLoss,
  evaluateSelector,
  fromPretrained,
  loadAdapter,
  loadSelector,
  openDataset,
  type SelectionReport,
  trainFromConfig,
  trainSelector,
} from '../../src/index.js';
import { makeTask, type TaskRow, taskNames } from '../../tools/mini-corpus/tasks.js';
import { bare } from './layouts.js';
import { rankLayouts } from './measure-task.js';
import { taskRows } from './tasks.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    steps: { type: 'string', default: '400' },
    seeds: { type: 'string', default: '1,2,3' },
    /** Training rows per task. */
    train: { type: 'string', default: '300' },
    /** The tables to print: soft, text, or both. */
    tables: { type: 'string', default: 'soft,text' },
    /** Only soft prompts whose names contain this. */
    only: { type: 'string', default: '' },
  },
});
const sizes = { train: Number(values.train), validation: 60, test: 100 };
const seeds = values.seeds.split(',').map(Number);
const numVirtualTokens = 20;

/** All with the same number of vectors before a text, and the same learning rate. */
const softPrompts = [
  ['one soft prompt', 'prompt-tuning', { numVirtualTokens }],
  ['a linear map', 'instance-prompt', { numVirtualTokens, encoder: 'linear' }],
  ['a bottleneck of 64', 'instance-prompt', { numVirtualTokens, encoder: 'mlp' }],
  ['a Transformer of width 64', 'instance-prompt', { numVirtualTokens, encoder: 'transformer' }],
  ['a pool, 1 of 10', 'prompt-pool', { poolSize: 10, topN: 1, promptLength: numVirtualTokens }],
  ['a pool, 4 of 10', 'prompt-pool', { poolSize: 10, topN: 4, promptLength: numVirtualTokens / 4 }],
] as const;

const scratch = mkdtempSync(join(tmpdir(), 'promptune-instance-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const pretrained = await fromPretrained(values.model);
const { model, tokenizer } = pretrained;

if (values.tables.includes('soft')) await compareSoftPrompts();
if (values.tables.includes('text')) await compareTextPrompts();

async function compareSoftPrompts(): Promise<void> {
  const tasks = taskNames.map((name) => makeTask(name, { seed: 1, sizes }));
  const file = (part: 'train' | 'validation' | 'test') => {
    const path = join(scratch, `${part}.jsonl`);
    const rows = tasks.flatMap((task): TaskRow[] => task[part]);
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return path;
  };
  const files = { train: file('train'), validation: file('validation'), test: file('test') };
  console.log(
    '| prompt | trainable parameters | validation loss | test loss, each seed | mean |\n|---|---:|---:|---|---:|',
  );
  for (const [title, method, methodOptions] of softPrompts) {
    if (!title.includes(values.only)) continue;
    const losses: number[] = [];
    let trained = 0;
    let validation = 0;
    for (const seed of seeds) {
      const { adapterPath, best } = await trainFromConfig({
        ...pretrained,
        data: files.train,
        validation: files.validation,
        method,
        methodOptions,
        learningRate: 0.01,
        batchSize: 16,
        maxSteps: Number(values.steps),
        evalEvery: Math.ceil(Number(values.steps) / 4),
        schedule: { name: 'cosine', warmupRatio: 0.05 },
        seed,
        output: join(scratch, 'run'),
        overwrite: true,
        onEvent: (event) => {
          if (event.type === 'start') trained = event.trainableParameters;
        },
      });
      validation += best!.loss / seeds.length;
      const adapter = await loadAdapter(adapterPath, model);
      const { vocabSize } = model.config;
      const dataset = await openDataset({ data: files.test, tokenizer, vocabSize, maxLength: 200 });
      losses.push((await evaluateLoss({ model, adapter, dataset, batchSize: 16 })).loss);
      await dataset.dispose();
    }
    const each = losses.map((loss) => loss.toFixed(3)).join(', ');
    console.log(
      `| ${title} | ${trained.toLocaleString('en')} | ${validation.toFixed(3)} | ${each} | ${meanOf(losses).toFixed(3)} |`,
    );
  }
}

/** The candidates are the two best layouts of each task by its validation rows, named by their prompts. */
async function compareTextPrompts(): Promise<void> {
  const candidates: Candidate[] = [];
  const rows = { train: [], validation: [], test: [] } as Record<
    keyof typeof sizes,
    { [field: string]: string }[]
  >;
  for (const name of taskNames) {
    const own = taskRows(name, sizes);
    // Selectors read the input as the task has it, whatever a layout makes of it.
    for (const part of ['train', 'validation', 'test'] as const)
      rows[part].push(...own[part].map((row) => ({ ...row })));
    for (const { layout } of (await rankLayouts(name, pretrained, own.validation)).slice(0, 2)) {
      const prompt = JSON.stringify(layout.prompt);
      const described = layout === bare[name] ? `${prompt} (${name})` : prompt;
      if (candidates.every((other) => other.name !== described))
        candidates.push({ name: described, template: layout.prompt, completionTemplate: layout.answer });
    }
  }
  let report: SelectionReport | undefined;
  const lines: string[] = [];
  for (const selector of ['linear', 'transformer'] as const) {
    const reports: SelectionReport[] = [];
    for (const seed of seeds) {
      const output = join(scratch, 'selector');
      await trainSelector({
        ...pretrained,
        candidates,
        data: rows.train,
        validation: rows.validation,
        inputField: 'input',
        selector,
        seed,
        output,
        overwrite: true,
      });
      const loaded = await loadSelector(output, pretrained);
      reports.push(await evaluateSelector({ ...pretrained, selector: loaded, data: rows.test }));
      await loaded.dispose();
    }
    report = reports[0]!;
    const losses = reports.map((own) => own.selector);
    const right = (100 * meanOf(reports.map(({ accuracy }) => accuracy))).toFixed(0);
    const each = losses.map((loss) => loss.toFixed(3)).join(', ');
    lines.push(
      `| a ${selector} selector (the best for ${right} % of the rows) | ${each} | ${meanOf(losses).toFixed(3)} |`,
    );
  }
  const { bestSingle, oracle } = report!;
  console.log(`\n| one of ${candidates.length} text prompts | test loss, each seed | mean |\n|---|---|---:|`);
  console.log(`| the best one for all: ${bestSingle.name} | | ${bestSingle.loss.toFixed(3)} |`);
  for (const line of lines) console.log(line);
  console.log(`| the best for each row | | ${oracle.toFixed(3)} |`);
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
