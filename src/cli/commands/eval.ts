/** @file `promptune eval`: loss and perplexity on a data set, or any metrics of answers, with a learned prompt and without it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { findsSpans } from '../../attach/head.js';
import type { Adapter } from '../../attach/method.js';
import { UsageError } from '../../errors.js';
import { evaluateLabels, type LabelsResult } from '../../evaluation/labels.js';
import { evaluateLoss, type LossResult } from '../../evaluation/loss.js';
import { isLossMetric, lossMetrics, metricNamed, metrics } from '../../evaluation/metrics/registry.js';
import { type GenerationOptions, resolveGenerationOptions } from '../../generation/options.js';
import { type LanguageModel, type ModelDtype, modelDtypes } from '../../index.js';
import { datasetOptions } from '../../loss/dataset-options.js';
import { type DataConfig, dataSchema } from '../../text/data-config.js';
import { openDataset } from '../../text/dataset.js';
import { countingNumber, names, textHelp } from '../options/arguments.js';
import { fetchDatasets } from '../options/fetch-datasets.js';
import { choiceOptions, lengthOptions } from '../options/generation-options.js';
import {
  type AdapterFlags,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  dtypeOption,
  loadAdapterIfGiven,
  type ModelFlags,
  modelOptions,
  openModel,
  withHeadIfAny,
} from '../options/model-options.js';
import { exampleFlags } from '../options/train-flags.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { type Counted, counted, progressLine } from '../terminal/progress-line.js';
import { type AnswerFlags, evaluateMetrics } from './eval-metrics.js';
import { figuresOf, type PrecisionFigures, printPrecisions } from './eval-precisions.js';

interface EvalFlags
  extends Omit<ModelFlags, 'dtype'>,
    AdapterFlags,
    DeviceFlags,
    AnswerFlags,
    GenerationOptions,
    Partial<DataConfig> {
  /** Several are compared. */
  dtype?: ModelDtype[];
  data?: string;
  batchSize?: number;
  json?: boolean;
}

export const evalCommand = new Command('eval')
  .description(
    'loss and perplexity on a data set, or any metrics of what is generated or chosen, beside the same figures without the learned prompt; with a head, loss and accuracy',
  )
  .addHelpText('after', textHelp)
  .action(runEval);

addOptions(evalCommand, 'Model:', [...Object.values(modelOptions()), dtypesOption(), ...adapterOptions()]);
addOptions(evalCommand, 'Data (as in training, for figures that can be compared):', [
  new Option('--data <file>', 'test data: .jsonl, .csv, .tsv or .txt'),
  ...exampleFlags().map(({ option }) => option),
]);
addOptions(evalCommand, 'Metrics of answers:', [
  new Option(
    '--metrics <names>',
    `what to score answers by, with commas between: ${[...lossMetrics, ...metrics.map(({ name }) => name)].join(', ')} (default: loss and perplexity alone; of labels accuracy, macro-f1, mcc and ece)`,
  ).argParser(names),
  new Option(
    '--labels <names>',
    'choose the likeliest of these completions instead of generating, with commas between',
  ).argParser(names),
  new Option(
    '--reference-field <name>',
    'the field of the right answer, or of a list of right answers (default: the completion)',
  ),
  new Option('--predictions <file>', 'write every row with its answer and scores, as JSON lines'),
  new Option('--report <file>', 'write an HTML page that needs nothing but itself'),
  ...lengthOptions(),
]);
for (const [heading, options] of choiceOptions()) addOptions(evalCommand, heading, options);
addOptions(evalCommand, 'Run:', [
  new Option('--batch-size <n>', 'examples at a time; changes the speed alone (default: 8)').argParser(
    countingNumber,
  ),
  new Option('--json', 'print the figures as a JSON object'),
]);
addOptions(evalCommand, 'Device:', Object.values(deviceOptions()));

/** As other commands have it, and several with commas between. */
function dtypesOption(): Option {
  const { flags, description } = dtypeOption();
  return new Option(flags, `${description}; several with commas between are compared`).argParser((written) =>
    written.split(',').map((name) => {
      const known = modelDtypes.find((dtype) => dtype === name);
      if (known) return known;
      throw new InvalidArgumentError(`Expected one or more of ${modelDtypes.join(', ')}.`);
    }),
  );
}

async function runEval({ dtype: dtypes, ...given }: EvalFlags): Promise<void> {
  const flags = { ...given, dtype: dtypes?.[0] };
  const { data, batchSize, json, device, threads } = flags;
  if (!data) throw new UsageError('no data is given; add --data with a file');
  const answers = answersAskedFor(given);
  if (answers && dtypes && dtypes.length > 1)
    throw new UsageError('--dtype: several are compared by loss and perplexity; leave out --metrics');
  const signal = interruptSignal();
  const start = performance.now();
  const { model, tokenizer } = await openModel(flags, signal);
  const loadSeconds = (performance.now() - start) / 1000;
  const adapter = await loadAdapterIfGiven(flags, model);
  const headed = await withHeadIfAny(adapter, model);
  const { template, completionTemplate, maxLength, appendEos, chat, verbalizer, labelField } = flags;
  if (labelField !== undefined && !headed && !verbalizer)
    throw new UsageError('--label-field: there is no head whose labels could be read');
  if (!headed && model.bidirectional)
    throw new UsageError(
      `${model.name} does not write texts; give an adapter with a head (train --task-type)`,
    );
  await fetchDatasets([data], { offline: flags.offline, signal });
  if (answers) {
    const examples = { template, completionTemplate, maxLength, appendEos, chat, labelField };
    const run = { batchSize, device, threads, json, signal };
    const request = { data, adapterNames: flags.adapter ?? [], ...answers, ...examples, ...run };
    return evaluateMetrics({ model, tokenizer, adapter: headed ?? adapter }, request);
  }
  const settings = dataSchema.strip().parse(flags);
  if (headed && dtypes && dtypes.length > 1)
    throw new UsageError(
      '--dtype: losses of texts are compared, and this adapter has a head; give one dtype',
    );
  const line = progressLine();
  const dataset = await openDataset({
    path: data,
    ...datasetOptions(model, tokenizer, headed ?? adapter, settings),
    signal,
    onProgress: (progress) => line.show(counted('Reading the data', progress)),
  });
  const summary = {
    ...dataset.summary,
    ...(dataset.shape !== undefined && { recognized: dataset.shape }),
  };
  try {
    if (headed) {
      const onProgress = (progress: Counted) => line.show(counted('With the head', progress));
      const options = { model, adapter: headed, dataset, batchSize, device, threads, signal, onProgress };
      const result = await evaluateLabels(options);
      line.clear();
      if (json) console.log(JSON.stringify({ data, ...summary, adapter: result }));
      else printLabelFigures(data, summary, result, findsSpans(headed.head));
      return;
    }
    if (dtypes && dtypes.length > 1) {
      const compare = async (kept: LanguageModel, seconds: number): Promise<PrecisionFigures> => {
        const learned = await loadAdapterIfGiven(flags, kept);
        const onProgress = (progress: Counted) => line.show(counted(`With ${kept.dtype}`, progress));
        const options = { adapter: learned, dataset, batchSize, device, threads, signal, onProgress };
        return figuresOf(kept, seconds, options);
      };
      const compared = [await compare(model, loadSeconds)];
      for (const dtype of dtypes.slice(1)) {
        const begin = performance.now();
        const { model: kept } = await openModel({ ...flags, dtype }, signal);
        compared.push(await compare(kept, (performance.now() - begin) / 1000));
      }
      line.clear();
      if (json) return console.log(JSON.stringify({ data, ...summary, precisions: compared }));
      console.log(`${describeData(data, summary)}, ${compared[0]!.labelTokens} label tokens`);
      return printPrecisions(compared);
    }
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
    if (json) console.log(JSON.stringify({ data, ...summary, ...figures }));
    else printFigures(data, summary, figures);
  } finally {
    line.clear();
    await dataset.dispose();
  }
}

const generationFlags = [
  ...['maxNewTokens', 'stop', 'temperature', 'topK', 'topP', 'seed'],
  ...['numBeams', 'lengthPenalty', 'repetitionPenalty'],
] as (keyof GenerationOptions & keyof EvalFlags)[];

/** What the flags say of answers; undefined where only the loss is asked for. Whatever is wrong is told before a model is loaded. */
function answersAskedFor(
  flags: Omit<EvalFlags, 'dtype'>,
): (AnswerFlags & { generation: GenerationOptions }) | undefined {
  const { metrics: names, labels, referenceField, predictions, report, truncation, trainOn } = flags;
  const asked = { metrics: names, labels, referenceField, predictions, report };
  const given = generationFlags.filter((name) => flags[name] !== undefined);
  if (Object.values(asked).every((flag) => flag === undefined)) {
    if (given.length > 0)
      throw new UsageError(`${longName(given[0]!)}: it is about answers; add --metrics to score them by`);
    return undefined;
  }
  const ofLoss = truncation !== undefined ? 'truncation' : trainOn !== undefined ? 'trainOn' : undefined;
  if (ofLoss)
    throw new UsageError(
      `${longName(ofLoss)}: it is for loss and perplexity without --metrics; a prompt that is too long loses its beginning`,
    );
  for (const name of names ?? []) if (!isLossMetric(name)) metricNamed(name);
  const generation: GenerationOptions = Object.fromEntries(given.map((name) => [name, flags[name]]));
  resolveGenerationOptions(generation);
  return { ...asked, generation };
}

const longName = (name: string) =>
  evalCommand.options.find((option) => option.attributeName() === name)!.long;

interface DataSummary {
  examples: number;
  truncated: number;
  dropped: number;
  recognized?: string;
}

function describeData(data: string, { examples, truncated, dropped, recognized }: DataSummary): string {
  const shape = recognized === undefined ? '' : `, read as ${recognized}`;
  const cut = truncated > 0 ? ` (${truncated} of them cut to fit)` : '';
  const left = dropped > 0 ? ` (${dropped} more left out, as too long)` : '';
  return `${data}: ${examples} examples${cut}${left}${shape}`;
}

function printLabelFigures(
  data: string,
  summary: DataSummary,
  { loss, accuracy, labels }: LabelsResult,
  areAnswers: boolean,
): void {
  console.log(`${describeData(data, summary)}${areAnswers ? '' : `, ${labels} labels`}`);
  console.log(`loss ${loss.toFixed(4)}, ${areAnswers ? 'exact answers' : 'accuracy'} ${accuracy.toFixed(4)}`);
}

function printFigures(
  data: string,
  summary: DataSummary,
  { adapter, model }: { adapter?: LossResult; model: LossResult },
): void {
  console.log(`${describeData(data, summary)}, ${model.labelTokens} label tokens`);
  console.log(`${''.padEnd(24)}${'loss'.padStart(10)}${'perplexity'.padStart(14)}`);
  const row = (title: string, { loss, perplexity }: LossResult) =>
    console.log(`${title.padEnd(24)}${loss.toFixed(4).padStart(10)}${perplexity.toFixed(2).padStart(14)}`);
  if (adapter) row('with the adapter', adapter);
  row(adapter ? 'without it' : 'the model', model);
}
