/** @file `promptune search`: looks for a prompt that is text. */
import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { UsageError } from '../../errors.js';
import { writeJsonAtomic } from '../../formats/files.js';
import { resolveSearchConfig, searchMethods } from '../../search/config.js';
import { characterSets } from '../../search/prompt-texts.js';
import { type SearchEvent, type SearchPromptResult, searchPrompt } from '../../search/search-prompt.js';
import { withTextBefore } from '../../text/template-compiler.js';
import { countingNumber, decimalNumber, text, textHelp, wholeNumber } from '../options/arguments.js';
import {
  addOptions,
  deviceOptions,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { exampleFlags, fileOrFiles, fileOrNumber } from '../options/train-flags.js';
import { formatLoss, shellWord } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { counted, progressLine } from '../terminal/progress-line.js';

interface SearchFlags extends ModelFlags, Record<string, unknown> {
  output?: string;
  json?: boolean;
}

export const searchCommand = new Command('search')
  .description(
    'find a prompt that is text: by gradients (gcg, pez), or by asking another language model (opro)',
  )
  .addHelpText('after', textHelp)
  .action(runSearch);

addOptions(searchCommand, 'Model:', Object.values(modelOptions()));
addOptions(searchCommand, 'Data:', [
  new Option(
    '--data <file>',
    'examples: .jsonl, .json, .csv, .tsv or .txt; may be given several times',
  ).argParser<unknown>((written, earlier) => fileOrFiles(written, earlier as string[])),
  new Option(
    '--validation <file|share|n>',
    'held-out data that texts are compared on: a file, or a share (below 1) or number of the examples (default: 0.2)',
  ).argParser<unknown>(fileOrNumber),
  ...exampleFlags().map(({ option }) => option),
]);
addOptions(searchCommand, 'Search:', [
  new Option('--method <name>', `how to search: ${searchMethods.join(', ')} (default: gcg)`).choices(
    searchMethods,
  ),
  new Option(
    '--init-text <text>',
    'the text to begin from (default: tokens drawn at random; opro: no prompt)',
  ).argParser(text),
  new Option(
    '--num-tokens <n>',
    "the prompt's length; opro: its greatest (default: that of --init-text, else 10; opro: 64)",
  ).argParser(countingNumber),
  new Option('--steps <n>', 'steps; opro: requests (default: gcg 50, pez 500, opro 10)').argParser(
    countingNumber,
  ),
  new Option(
    '--num-candidates <n>',
    'gcg: prompts evaluated a step; opro: instructions asked for at once (default: gcg 64, opro 8)',
  ).argParser(countingNumber),
  new Option('--seed <n>', 'fixes what is drawn and the order of the data (default: 42)').argParser(
    wholeNumber,
  ),
]);
addOptions(searchCommand, 'Search by gradients (gcg, pez):', [
  new Option(
    '--characters <set>',
    `tokens that may be put in: ${characterSets.join(', ')} (default: printable)`,
  ).choices(characterSets),
  new Option('--batch-size <n>', 'examples that a step looks at (default: 16)').argParser(countingNumber),
  new Option(
    '--eval-every <n>',
    'steps between comparisons on the held-out data (default: gcg 1, pez 10)',
  ).argParser(countingNumber),
  new Option(
    '--top-k <n>',
    'gcg: tokens for each position that the gradient proposes (default: 64)',
  ).argParser(countingNumber),
  new Option('--learning-rate <x>', 'pez: of AdamW (default: 0.1)').argParser(decimalNumber),
  new Option('--weight-decay <x>', 'pez: of AdamW (default: 0.1)').argParser(decimalNumber),
]);
addOptions(searchCommand, 'Search by another language model (opro):', [
  new Option('--endpoint <url>', 'an OpenAI-compatible service, such as http://localhost:11434/v1'),
  new Option('--endpoint-model <name>', 'what the service calls its model'),
  new Option('--api-key <key>', 'for the service (default: the environment variable PROMPTUNE_API_KEY)'),
  new Option('--temperature <x>', 'bolder above 1, safer below (default: 1)').argParser(decimalNumber),
  new Option('--num-examples <n>', 'training examples that the service is shown (default: 5)').argParser(
    countingNumber,
  ),
  new Option('--timeout-seconds <x>', 'for one answer of the service (default: 120)').argParser(
    decimalNumber,
  ),
]);
addOptions(searchCommand, 'Output:', [
  new Option('--output <file>', 'write the result, its history and all settings to a JSON file'),
  new Option('--json', 'print a JSON object a line, for machines'),
]);
addOptions(searchCommand, 'Device:', Object.values(deviceOptions()));

async function runSearch({
  model: name,
  revision,
  offline,
  output,
  json,
  ...flags
}: SearchFlags): Promise<void> {
  const config = settingsOf(flags);
  if (output !== undefined) await checkIsFile(output);
  const line = progressLine();
  const note = () => console.error('Stopping with the best text so far. A second Ctrl-C ends at once.');
  const signal = interruptSignal(note, () => line.clear());
  const pretrained = await openModel({ model: name, revision, offline }, signal);
  try {
    const result = await searchPrompt({
      ...config,
      ...pretrained,
      signal,
      onDataProgress: (progress) => line.show(counted('Reading the data', progress)),
      onEvent: (event) => {
        if (!json && event.type === 'step') return line.show(stepLine(event));
        line.clear();
        if (json) console.log(JSON.stringify(event));
        else printEvent(event);
      },
    });
    line.clear();
    if (json) console.log(JSON.stringify({ type: 'end', ...result }));
    else printResult(result, config.template);
    if (output !== undefined) await writeJsonAtomic(output, result);
    if (result.stopped) process.exitCode = 130;
  } finally {
    line.clear();
  }
}

/** The flags as a configuration, checked before a model is loaded. */
function settingsOf(flags: Readonly<Record<string, unknown>>) {
  if (flags.data === undefined) throw new UsageError('no data is given; add --data with a file');
  const key = flags.method === 'opro' ? (flags.apiKey ?? process.env.PROMPTUNE_API_KEY) : flags.apiKey;
  const flagOf = (option: string) => `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return resolveSearchConfig({ ...flags, apiKey: key || undefined }, flagOf);
}

async function checkIsFile(output: string): Promise<void> {
  const found = await stat(output).catch(() => undefined);
  if (found?.isDirectory())
    throw new UsageError(`--output: ${output} is a folder; give a file, such as found.json`);
}

function stepLine({ step, totalSteps, loss, text }: Extract<SearchEvent, { type: 'step' }>): string {
  const figures = loss === undefined ? '' : `  loss ${formatLoss(loss)}`;
  return `step ${step}/${totalSteps}${figures}  ${JSON.stringify(text)}`;
}

function printEvent(event: SearchEvent): void {
  if (event.type === 'warning') console.log(`Warning: ${event.message}`);
  if (event.type === 'start') {
    const { method, model, examples, validationExamples, start } = event;
    const from =
      start.text === '' ? 'no prompt' : `${JSON.stringify(start.text)} (${start.tokenIds.length} tokens)`;
    console.log(`${method} on ${model}, from ${from}`);
    console.log(`${examples} examples, and ${validationExamples} held for comparison`);
    console.log(`step 0: validation loss ${formatLoss(start.loss)}`);
  }
  if (event.type === 'validation' && event.loss === event.best)
    console.log(
      `step ${event.step}: validation loss ${formatLoss(event.loss)}, the best so far: ${JSON.stringify(event.text)}`,
    );
}

function printResult(result: SearchPromptResult, template: string | undefined): void {
  const {
    text: found,
    tokenIds,
    step,
    start,
    noPrompt,
    betterThanStart,
    betterThanNoPrompt,
    labelTokens,
  } = result;
  const isNothing = found === '';
  if (!betterThanStart) {
    const from = start.text === '' ? 'no prompt at all' : 'the text that it began from';
    console.log(`\nNothing better was found than ${from}.`);
  }
  if (!isNothing) {
    console.log(`${betterThanStart ? `\nFound in step ${step}: ` : ''}${JSON.stringify(found)}`);
    console.log(`token ids: ${tokenIds.join(' ')}`);
  }
  console.log(
    `\n${''.padEnd(24)}${'loss'.padStart(10)}${'perplexity'.padStart(14)}   (${labelTokens} held label tokens)`,
  );
  const row = (title: string, { loss, perplexity }: { loss: number; perplexity: number }) =>
    console.log(`${title.padEnd(24)}${loss.toFixed(4).padStart(10)}${perplexity.toFixed(2).padStart(14)}`);
  if (betterThanStart) row('the text found', result);
  if (start.text !== '') row('what it began from', start);
  row('no prompt', noPrompt);
  if (isNothing) return;
  if (!betterThanNoPrompt) {
    console.log('\nThe model does no worse without any prompt.');
    return;
  }
  const whole = withTextBefore(found, template ?? '{prompt}');
  console.log(`\nUse it: --template ${shellWord(asArgument(whole))}`);
  console.log(`   or: --init-text ${shellWord(asArgument(found))}, to learn a soft prompt from it`);
}

/** As `text` takes it from the command line. */
function asArgument(written: string): string {
  return written.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
