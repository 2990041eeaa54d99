/** @file `promptune eval`: loss and perplexity on a data set, with a learned prompt and without it. */
import { Command, Option } from 'commander';
import { openDataset } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { evaluateLoss, type LossResult } from '../evaluation/loss.js';
import type { Adapter } from '../methods/method.js';
import { type DataConfig, dataSchema } from '../training/run-config.js';
import { datasetOptions } from '../training/train-adapter.js';
import { countingNumber, textHelp } from './arguments.js';
import { interruptSignal } from './interrupt.js';
import {
  type AdapterFlags,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  loadAdapterIfGiven,
  loadModel,
  type ModelFlags,
  modelOptions,
} from './model-options.js';
import { counted, progressLine } from './progress-line.js';
import { exampleFlags } from './train-flags.js';

interface EvalFlags extends ModelFlags, AdapterFlags, DeviceFlags, Partial<DataConfig> {
  data?: string;
  batchSize?: number;
  json?: boolean;
}

export const evalCommand = new Command('eval')
  .description('loss and perplexity on a data set, beside the same figures without the learned prompt')
  .addHelpText('after', textHelp)
  .action(runEval);

addOptions(evalCommand, 'Model:', [...Object.values(modelOptions()), ...adapterOptions()]);
addOptions(evalCommand, 'Data (as in training, for figures that can be compared):', [
  new Option('--data <file>', 'test data: .jsonl, .csv, .tsv or .txt'),
  ...exampleFlags().map(({ option }) => option),
]);
addOptions(evalCommand, 'Run:', [
  new Option('--batch-size <n>', 'examples at a time; changes the speed alone (default: 8)').argParser(
    countingNumber,
  ),
  new Option('--json', 'print the figures as a JSON object'),
]);
addOptions(evalCommand, 'Device:', Object.values(deviceOptions()));

async function runEval(flags: EvalFlags): Promise<void> {
  const { data, batchSize, json, device, threads } = flags;
  if (!data) throw new UsageError('no data is given; add --data with a file');
  const signal = interruptSignal();
  const { model, tokenizer } = await loadModel(flags, signal);
  const adapter = await loadAdapterIfGiven(flags, model);
  const { template, completionTemplate, maxLength, truncation, trainOn, appendEos, chat } = flags;
  const settings = dataSchema.parse({
    template,
    completionTemplate,
    maxLength,
    truncation,
    trainOn,
    appendEos,
    chat,
  });
  const line = progressLine();
  const dataset = await openDataset({
    path: data,
    ...datasetOptions(model, tokenizer, adapter, settings),
    signal,
    onProgress: (progress) => line.show(counted('Reading the data', progress)),
  });
  try {
    const evaluate = (learned: Adapter | undefined) => {
      const what = learned ? 'With the adapter' : 'The model alone';
      const onProgress = (progress: { done: number; total: number }) => line.show(counted(what, progress));
      return evaluateLoss({
        model,
        adapter: learned,
        dataset,
        batchSize,
        device,
        threads,
        signal,
        onProgress,
      });
    };
    const figures = {
      ...(adapter && { adapter: await evaluate(adapter) }),
      model: await evaluate(undefined),
    };
    line.clear();
    if (json) console.log(JSON.stringify({ data, ...dataset.summary, ...figures }));
    else printFigures(data, dataset.summary, figures);
  } finally {
    line.clear();
    await dataset.dispose();
  }
}

function printFigures(
  data: string,
  { examples, truncated, dropped }: { examples: number; truncated: number; dropped: number },
  { adapter, model }: { adapter?: LossResult; model: LossResult },
): void {
  const cut = truncated > 0 ? ` (${truncated} of them cut to fit)` : '';
  const left = dropped > 0 ? ` (${dropped} more left out, as too long)` : '';
  console.log(`${data}: ${examples} examples${cut}${left}, ${model.labelTokens} label tokens`);
  console.log(`${''.padEnd(24)}${'loss'.padStart(10)}${'perplexity'.padStart(14)}`);
  const row = (title: string, { loss, perplexity }: LossResult) =>
    console.log(`${title.padEnd(24)}${loss.toFixed(4).padStart(10)}${perplexity.toFixed(2).padStart(14)}`);
  if (adapter) row('with the adapter', adapter);
  row(adapter ? 'without it' : 'the model', model);
}
