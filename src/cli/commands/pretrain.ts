/** @file `promptune pretrain`: makes a GPT-2 of any size from texts, with all weights trained from nothing. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../../errors.js';
import { START_NAME } from '../../runs/run-folder.js';
import { createUntrainedModel } from '../../runs/untrained-model.js';
import { countingNumber, textHelp } from '../options/arguments.js';
import { addOptions } from '../options/model-options.js';
import { readTrainRequest, type SourceFlags, type TrainRequest } from '../options/train-config.js';
import { configFlags } from '../options/train-flags.js';
import { counted, type ProgressLine } from '../terminal/progress-line.js';
import { type RunFlags, runTraining } from '../terminal/training-run.js';

interface PretrainFlags extends RunFlags, SourceFlags {
  tokenizer?: string;
  vocabSize: number;
  hiddenSize: number;
  numLayers: number;
  numAttentionHeads: number;
  maxPositions: number;
}

/** What pretraining does where nothing else is said: the settings that small GPT-2s are usually trained with. */
const usual = {
  method: 'full-fine-tuning',
  packing: true,
  trainOn: 'all',
  learningRate: 1e-3,
  batchSize: 16,
  optimizer: { name: 'adamw', beta2: 0.95, weightDecay: 0.05 },
  schedule: { name: 'cosine', warmupRatio: 0.02 },
};

const size = (flags: string, description: string, byDefault: number) =>
  new Option(flags, `${description} (default: ${byDefault})`).argParser(countingNumber).default(byDefault);

export const pretrainCommand = new Command('pretrain')
  .description('make a GPT-2 of your own: learn a tokenizer and all weights from texts')
  .addHelpText('after', textHelp)
  .action(runPretrain);
addOptions(pretrainCommand, 'Model:', [
  new Option(
    '--tokenizer <folder>',
    'use the tokenizer.json in this folder (default: learn one from the texts)',
  ),
  size('--vocab-size <n>', 'tokens of the tokenizer that is learned', 8000),
  size('--hidden-size <n>', 'width of the model', 256),
  size('--num-layers <n>', 'layers', 6),
  size('--num-attention-heads <n>', 'heads of a layer', 8),
  size('--max-positions <n>', 'longest text in tokens; also the length of the rows it is trained on', 256),
]);
addFlags('Data:', ['data', 'validation', 'template', 'completionTemplate', 'maxLength']);
addFlags('Run:', ['output']);
addFlags('Method:', ['methodOptions.saveDtype'], 'Run:');
addOptions(pretrainCommand, 'Run:', [
  new Option('--resume', 'go on with the run in --output'),
  new Option('--overwrite', 'throw away the run in --output'),
  new Option('--json', 'print a JSON object a line, for machines'),
]);
addFlags('Training:');
addFlags('Device:');

/** Those of `promptune train` under a heading, or the ones for these keys alone, put under another heading. */
function addFlags(heading: string, keys?: readonly string[], under = heading): void {
  const chosen = configFlags[heading]!.filter(({ path }) => !keys || keys.includes(path.join('.')));
  addOptions(
    pretrainCommand,
    under,
    chosen.map(({ option }) => option),
  );
}

async function runPretrain(flags: PretrainFlags & Record<string, unknown>): Promise<void> {
  const isGiven = (name: string) => pretrainCommand.getOptionValueSource(name) === 'cli';
  const request = await readTrainRequest(flags, isGiven, usual);
  if (flags.resume) return runTraining(request, flags);
  if (!request.output) throw new UsageError('no folder for the run is given; add --output');
  const model = join(request.output, START_NAME);
  await runTraining({ ...request, model }, flags, (signal, line) =>
    makeModel(request.output!, request.config, flags, signal, line),
  );
}

async function makeModel(
  output: string,
  { data, template, completionTemplate, seed }: TrainRequest['config'],
  flags: PretrainFlags,
  signal: AbortSignal,
  line: ProgressLine,
): Promise<() => Promise<void>> {
  const { overwrite, tokenizer, vocabSize, hiddenSize, numLayers, numAttentionHeads, maxPositions } = flags;
  const sizes = { vocabSize, hiddenSize, numLayers, numAttentionHeads, maxPositions };
  const discard = await createUntrainedModel({
    output,
    overwrite,
    paths: [data].flat(),
    template,
    completionTemplate,
    tokenizer,
    ...sizes,
    seed,
    signal,
    onProgress: (progress) => line.show(counted('Learning a tokenizer', progress)),
  });
  line.clear();
  return discard;
}
