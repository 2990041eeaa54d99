/**
 * @file `promptune eval`: loss and perplexity on a data set, or any metrics of answers, with a learned prompt and
 * without it.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type DataConfig,
  type GenerationOptions,
  lossMetrics,
  type ModelDtype,
  metrics,
  modelDtypes,
  UsageError,
} from '../../index.js';
import { type AnswersWanted, type EvaluateJob, runJob } from '../../workspace/index.js';
import { countingNumber, names, textHelp } from '../options/arguments.js';
import { choiceOptions, generationOf, lengthOptions } from '../options/generation-options.js';
import {
  type AdapterFlags,
  adapterChoice,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  dtypeOption,
  type ModelFlags,
  modelOptions,
} from '../options/model-options.js';
import { flagName } from '../options/schema-flags.js';
import { exampleFlags, readingOf } from '../options/train-flags.js';
import { printEvaluation } from '../terminal/evaluation-figures.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { jobProgress } from '../terminal/job-progress.js';

interface EvalFlags
  extends Omit<ModelFlags, 'dtype'>,
    AdapterFlags,
    DeviceFlags,
    Omit<AnswersWanted, 'generation'>,
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
  ...exampleFlags(),
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
addOptions(evalCommand, 'Device:', deviceOptions());

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

async function runEval(flags: EvalFlags): Promise<void> {
  const { model, revision, offline, dtype: dtypes, data, batchSize, device, threads, json } = flags;
  if (!data) throw new UsageError('no data is given; add --data with a file');
  const job: EvaluateJob = {
    type: 'evaluate',
    ...{ model, revision, offline, dtypes, ...adapterChoice(flags) },
    ...{ data, reading: readingOf({ ...flags }), answers: answersWanted(flags) },
    ...{ batchSize, device, threads },
  };
  const progress = jobProgress();
  try {
    const result = await runJob(job, { signal: interruptSignal(), onEvent: progress.event });
    progress.clear();
    printEvaluation(data, result, { json });
  } finally {
    progress.clear();
  }
}

/** Undefined where only the loss is asked for. */
function answersWanted(flags: EvalFlags): AnswersWanted | undefined {
  const { metrics, labels, referenceField, predictions, report } = flags;
  const wanted = { metrics, labels, referenceField, predictions, report };
  const generation = generationOf({ ...flags });
  if (Object.values(wanted).every((flag) => flag === undefined)) {
    const [name] = Object.keys(generation);
    if (name === undefined) return undefined;
    throw new UsageError(`${flagName(name)}: it is about answers; add --metrics to score them by`);
  }
  const ofLoss = (['truncation', 'trainOn'] as const).find((name) => flags[name] !== undefined);
  if (ofLoss)
    throw new UsageError(
      `${flagName(ofLoss)}: it is for loss and perplexity without --metrics; a prompt that is too long loses its beginning`,
    );
  return { ...wanted, generation };
}
