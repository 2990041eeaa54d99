/** @file `promptune eval`: loss and perplexity on a data set, or metrics of answers, with an adapter and without. */

import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type DataConfig,
  type GenerationOptions,
  type ModelDtype,
  modelDtypes,
  UsageError,
} from '../../index.js';
import { say } from '../../say.js';
import {
  type AnswersConfig,
  answersSchema,
  type EvaluateJob,
  evaluationSchema,
  runJob,
} from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { textHelp } from '../options/arguments.js';
import { type DistributionFlags, openDistribution, piecesOptions } from '../options/distribution-options.js';
import { choiceOptions, generationOf, lengthOptions } from '../options/generation-options.js';
import {
  type AdapterFlags,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  dtypeOption,
  type ModelFlags,
  modelOptions,
} from '../options/model-options.js';
import { flagName, flagsOf } from '../options/schema-flags.js';
import { exampleFlags, readingOf } from '../options/train-flags.js';
import { printEvaluation } from '../terminal/evaluation-figures.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { jobProgress } from '../terminal/job-progress.js';

interface EvalFlags
  extends Omit<ModelFlags, 'dtype'>,
    AdapterFlags,
    DeviceFlags,
    Omit<AnswersConfig, 'generation'>,
    GenerationOptions,
    DistributionFlags,
    Partial<DataConfig> {
  /** Several are compared. */
  dtype?: ModelDtype[];
  data?: string;
  batchSize?: number;
  json?: boolean;
}

export const evalCommand = new Command('eval')
  .description(
    'loss and perplexity on a data set, or metrics of generated or chosen answers, compared with the model without the adapter; with a head, loss and accuracy',
  )
  .addHelpText('after', textHelp())
  .action(runEval);

addOptions(evalCommand, 'Model:', [...Object.values(modelOptions()), dtypesOption(), ...adapterOptions()]);
addOptions(evalCommand, 'Data (as in training, for comparable results):', [
  ...flagsOf(evaluationSchema, { only: ['data'] }),
  ...exampleFlags(['reading']),
]);
addOptions(evalCommand, 'Metrics of answers:', [
  ...flagsOf(answersSchema, { path: ['answers'] }),
  ...lengthOptions(['answers', 'generation']),
]);
for (const [heading, options] of choiceOptions(['answers', 'generation']))
  addOptions(evalCommand, heading, options);
addOptions(evalCommand, 'Run:', [
  ...flagsOf(evaluationSchema, { only: ['batchSize'] }),
  new Option('--json', 'print the results as a JSON object'),
]);
addOptions(evalCommand, 'Device:', deviceOptions());
addOptions(evalCommand, 'Where it is computed:', piecesOptions());

/** Like that of other commands, but takes several, comma-separated. */
function dtypesOption(): Option {
  const { flags, description } = dtypeOption();
  return new Option(flags, `${description}; compares several, comma-separated`).argParser((written) =>
    written.split(',').map((name) => {
      const known = modelDtypes.find((dtype) => dtype === name);
      if (known) return known;
      throw new InvalidArgumentError(say`Expected one or more of ${modelDtypes.join(', ')}.`);
    }),
  );
}

async function runEval(flags: EvalFlags): Promise<void> {
  const { model, revision, offline, dtype: dtypes, adapter: adapters, task } = flags;
  const { data, batchSize, device, threads, json } = flags;
  if (!data) throw new UsageError(say`there is no data; add --data with a file`);
  const job: EvaluateJob = {
    type: 'evaluate',
    ...{ model, revision, offline, dtypes, adapters, task },
    ...{ data, reading: readingOf({ ...flags }), answers: answersOf(flags) },
    ...{ batchSize, device, threads },
  };
  const progress = jobProgress();
  const where = await openDistribution(flags, { threads, device });
  try {
    const { engine } = where;
    const result = await runJob(job, { signal: interruptSignal(), onEvent: progress.event, engine });
    progress.clear();
    printEvaluation(data, result, { json });
    if (json) return;
    const { common } = messages();
    if (flags.predictions !== undefined) console.log(`\n${common.predictions(flags.predictions)}`);
    if (flags.report !== undefined) console.log(`\n${common.report(flags.report)}`);
  } finally {
    progress.clear();
    await where.close();
  }
}

/** Undefined if only the loss is evaluated. */
function answersOf(flags: EvalFlags): AnswersConfig | undefined {
  const { metrics, labels, referenceField, predictions, report } = flags;
  const options = { metrics, labels, referenceField, predictions, report };
  const generation = generationOf({ ...flags });
  if (Object.values(options).every((flag) => flag === undefined)) {
    const [name] = Object.keys(generation);
    if (name === undefined) return undefined;
    throw new UsageError(say`${flagName(name)}: it affects answers only; add --metrics to score them`);
  }
  const ofLoss = (['truncation', 'trainOn'] as const).find((name) => flags[name] !== undefined);
  if (ofLoss)
    throw new UsageError(
      say`${flagName(ofLoss)}: it affects loss and perplexity only; with --metrics, prompts that are
        too long lose their beginning`,
    );
  return { ...options, generation };
}
