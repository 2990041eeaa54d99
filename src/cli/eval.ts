/** @file `promptune eval`: loss and perplexity on a data set, with a learned prompt and without it. */
import { Command, Option } from 'commander';
import { openDataset } from '../data/dataset.js';
import { truncations } from '../data/encode.js';
import { UsageError } from '../errors.js';
import { evaluateLoss } from '../evaluation/loss.js';
import { dataSchema, datasetOptions } from '../training/train-adapter.js';
import {
  interruptSignal,
  loadAdapterIfGiven,
  loadModel,
  type ModelFlags,
  wholeNumber,
  withModelOptions,
} from './options.js';

interface EvalFlags extends ModelFlags {
  adapter?: string;
  data?: string;
  batchSize?: number;
  json?: boolean;
  template?: string;
  completionTemplate?: string;
  maxLength?: number;
  truncation?: (typeof truncations)[number];
  trainOn?: 'completion' | 'all';
  appendEos?: boolean;
}

export const evalCommand = withModelOptions(new Command('eval'))
  .description('loss and perplexity on a data set, beside the same figures without the learned prompt')
  .option('--adapter <folder>', 'what was learned, such as runs/cats/adapter')
  .option('--data <file>', 'test data: .jsonl, .csv, .tsv or .txt')
  .option('--template <text>', 'the prompt with fields in braces')
  .option('--completion-template <text>', 'the completion in the same way')
  .option('--max-length <n>', "most tokens of an example (default: the model's context)", wholeNumber)
  .addOption(
    new Option('--truncation <rule>', 'what is cut from longer examples (default: prompt)').choices(
      truncations,
    ),
  )
  .addOption(
    new Option('--train-on <part>', 'which tokens count (default: completion)').choices([
      'completion',
      'all',
    ]),
  )
  .option('--no-append-eos', 'the end-of-text token does not count')
  .option('--batch-size <n>', 'examples at a time (default: 8)', wholeNumber)
  .option('--json', 'print the figures as JSON')
  .action(runEval);

async function runEval(flags: EvalFlags): Promise<void> {
  const { model: name, adapter: adapterFolder, data, batchSize, json, device, threads } = flags;
  if (!name) throw new UsageError('no model is given; add --model with a folder or a name');
  if (!data) throw new UsageError('no data is given; add --data with a file');
  const signal = interruptSignal();
  const { model, tokenizer } = await loadModel(name, flags, signal);
  const adapter = await loadAdapterIfGiven(adapterFolder, model);
  const { template, completionTemplate, maxLength, truncation, trainOn, appendEos } = flags;
  const settings = dataSchema.parse({
    template,
    completionTemplate,
    maxLength,
    truncation,
    trainOn,
    appendEos,
  });
  const dataset = await openDataset({
    path: data,
    ...datasetOptions(model, tokenizer, adapter, settings),
    signal,
  });
  try {
    const evaluate = (learned: typeof adapter) =>
      evaluateLoss({ model, adapter: learned, dataset, batchSize, device, threads, signal });
    const figures = {
      ...(adapter && { adapter: await evaluate(adapter) }),
      model: await evaluate(undefined),
    };
    if (json) {
      console.log(JSON.stringify({ data, examples: dataset.length, ...figures }));
      return;
    }
    console.log(`${data}: ${dataset.length} examples, ${figures.model.labelTokens} label tokens`);
    console.log(`${''.padEnd(24)}${'loss'.padStart(10)}${'perplexity'.padStart(14)}`);
    const row = (title: string, { loss, perplexity }: (typeof figures)['model']) =>
      console.log(`${title.padEnd(24)}${loss.toFixed(4).padStart(10)}${perplexity.toFixed(2).padStart(14)}`);
    if (figures.adapter) row('with the adapter', figures.adapter);
    row(figures.adapter ? 'without it' : 'the model', figures.model);
  } finally {
    await dataset.dispose();
  }
}
